"""The role that serves can neither see nor touch what waits, and only read what arrived."""

import pytest
from django.db import ProgrammingError, connections

from audit.models import Entry
from audit.workflows import relay
from tenants.models import Tenant
from tests.audit.trail import an_item, delivered_of, pending_of
from tests.factories import scope_of

PENDING = [
    "SELECT count(*) FROM audit_pendingentry",
    "INSERT INTO audit_pendingentry (event_id) VALUES (uuidv7())",
    "UPDATE audit_pendingentry SET actor = 'nobody'",
    "DELETE FROM audit_pendingentry",
    "TRUNCATE audit_pendingentry",
    "SELECT nextval('audit_sequence')",
    "SELECT audit_redact('{}', '{}')",
    "ALTER TABLE invoicing_item DISABLE TRIGGER ALL",
]
ENTRY = [
    "INSERT INTO audit_entry (event_id) VALUES (uuidv7())",
    "UPDATE audit_entry SET actor = 'nobody'",
    "DELETE FROM audit_entry",
    "TRUNCATE audit_entry",
]


@pytest.mark.parametrize(
    ("alias", "statement"),
    [("default", statement) for statement in PENDING]
    + [("audit", statement) for statement in ENTRY]
    + [("audit_platform", statement) for statement in ENTRY[1:]]
    + [("platform", statement) for statement in (PENDING[1], PENDING[2], PENDING[4])],
)
def test_neither_end_of_the_trail_can_be_tampered_with(acme: Tenant, alias: str, statement: str) -> None:
    item = an_item(acme)
    with scope_of(acme):
        item.save()
        before = pending_of(item.id) + delivered_of(item.id)
        with (
            pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
            connections[alias].cursor() as cursor,
        ):
            cursor.execute(statement)
    assert pending_of(item.id) + delivered_of(item.id) == before


def test_the_relay_may_lock_an_entry_but_not_rename_it(acme: Tenant) -> None:
    item = an_item(acme)
    with scope_of(acme):
        item.save()
    with (
        connections["platform"].cursor() as cursor,
        pytest.raises(ProgrammingError, match="row-level security"),
    ):
        cursor.execute(
            "UPDATE audit_pendingentry SET event_id = uuidv7() WHERE record_id = %s", [str(item.id)]
        )


def test_a_tenant_reads_its_own_entries_only(acme: Tenant, globex: Tenant) -> None:
    ours, theirs = an_item(acme), an_item(globex)
    for tenant, item in ((acme, ours), (globex, theirs)):
        with scope_of(tenant):
            item.save()
    relay.drain()
    for tenant, seen, hidden in ((acme, ours, theirs), (globex, theirs, ours)):
        with scope_of(tenant):
            assert Entry.objects.filter(record_id=seen.id).count() == 1
            assert not Entry.objects.filter(record_id=hidden.id).exists()
            with connections["audit"].cursor() as cursor:
                cursor.execute("SELECT DISTINCT tenant_id FROM audit_entry")
                assert cursor.fetchall() == [(tenant.id,)]


def test_outside_a_scope_the_trail_is_empty(acme: Tenant) -> None:
    with scope_of(acme):
        an_item(acme).save()
    relay.drain()
    with connections["audit"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_entry")
        assert cursor.fetchone() == (0,)
