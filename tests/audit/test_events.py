"""Events: what happened that is not a row change."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from audit.workflows import relay
from tenants import events, scope
from tenants.actors import Actor
from tenants.events import Event
from tenants.models import Tenant
from tests.audit.trail import delivered_of, pending_of
from tests.factories import scope_of


def _event(record: UUID, **data: object) -> Event:
    return Event("export.finished", "tenants.tenant", str(record), data)


def test_an_event_carries_the_scope_and_its_data(acme: Tenant) -> None:
    record = uuid4()
    with scope_of(acme, request_id="req-7") as entered:
        events.publish(_event(record, rows=3, total=Decimal("9.90"), at=datetime(2026, 1, 2, tzinfo=UTC)))
    (entry,) = pending_of(record)
    assert (entry.tenant_id, entry.actor, entry.request_id) == (acme.id, entered.actor.label, "req-7")
    assert (entry.operation, entry.entity_type, entry.old) == ("export.finished", "tenants.tenant", None)
    assert entry.new == {"rows": 3, "total": "9.90", "at": "2026-01-02T00:00:00Z"}


def test_an_event_of_the_installation_has_no_tenant() -> None:
    record = uuid4()
    with scope.enter(scope.Scope(None, Actor.system("login"))):
        events.publish(_event(record))
    (entry,) = pending_of(record)
    assert (entry.tenant_id, entry.actor) == (None, "system:login")


def test_a_success_vanishes_with_its_transaction_and_a_refusal_stays(acme: Tenant) -> None:
    success, refusal = uuid4(), uuid4()
    with scope_of(acme) as entered, transaction.atomic():
        events.publish(_event(success))
        events.publish(_event(refusal), refusal=True)
        transaction.set_rollback(True)
    assert pending_of(success) == []
    (entry,) = pending_of(refusal)
    assert (entry.tenant_id, entry.actor) == (acme.id, entered.actor.label)


def test_a_refusal_is_recorded_even_when_the_transaction_is_broken(acme: Tenant) -> None:
    record = uuid4()
    with scope_of(acme), transaction.atomic():
        with pytest.raises(DatabaseError), connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
        events.publish(_event(record), refusal=True)
        transaction.set_rollback(True)
    assert len(pending_of(record)) == 1


def test_a_refusal_opens_no_second_connection_outside_a_transaction(acme: Tenant) -> None:
    opened: list[str] = []

    def note(*, connection: BaseDatabaseWrapper, **_: object) -> None:
        opened.append(connection.alias)

    record = uuid4()
    with scope_of(acme):
        connection.ensure_connection()
        connection_created.connect(note)
        try:
            events.publish(_event(record), refusal=True)
            assert opened == []
            with transaction.atomic():
                events.publish(_event(record), refusal=True)
            assert opened == ["default"]
        finally:
            connection_created.disconnect(note)
    assert len(pending_of(record)) == 2


def test_what_the_database_cannot_keep_does_not_keep_a_refusal_out(acme: Tenant) -> None:
    record = uuid4()
    with scope_of(acme):
        events.publish(_event(record, username="a\x00b\ud800", path=["\x00"]), refusal=True)
    relay.drain()
    (entry,) = delivered_of(record)
    assert entry.new == {"username": "a\ufffdb\ufffd", "path": ["\ufffd"]}


def test_an_event_cannot_name_another_tenant(acme: Tenant, globex: Tenant) -> None:
    record = uuid4()
    with scope_of(acme):
        events.publish(_event(record, tenant_id=str(globex.id), actor="usr_somebody"))
    (entry,) = pending_of(record)
    assert entry.tenant_id == acme.id
    assert entry.actor != "usr_somebody"
