"""No audited table is without its triggers, and a missing one does not go unnoticed."""

from collections.abc import Iterator

import pytest
from django.core import checks
from django.db import connections

from audit import triggers
from invoicing.models import Invoice, InvoiceLine, Item
from tenants.auditable import Auditable
from tenants.models import Membership, Tenant, User
from tests.audit.trail import as_owner


@pytest.fixture
def mended() -> Iterator[None]:
    """Puts the triggers right again after a test that broke them."""
    yield
    triggers.reconcile(using="owner")
    assert _complaints() == []


def test_the_database_has_exactly_the_triggers_that_the_models_ask_for() -> None:
    with connections["owner"].cursor() as cursor:
        assert triggers.existing_triggers(cursor) == triggers.wanted_triggers()
    audited = {trigger.table for trigger in triggers.wanted_triggers()}
    for model in (Tenant, User, Membership, Invoice, InvoiceLine, Item):
        assert issubclass(model, Auditable)
        assert model._meta.db_table in audited


@pytest.mark.parametrize(
    "damage",
    [
        "ALTER TABLE invoicing_item DISABLE TRIGGER audit_update",
        "DROP TRIGGER audit_update ON invoicing_item",
        (
            "CREATE OR REPLACE TRIGGER audit_update AFTER UPDATE ON invoicing_item"
            " REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT"
            " EXECUTE FUNCTION audit_record_tenant_rows('invoicing.customer')"
        ),
    ],
    ids=["disabled", "dropped", "made for another type"],
)
@pytest.mark.usefixtures("mended")
def test_a_trigger_that_does_not_work_is_noticed(damage: str) -> None:
    as_owner(damage)
    assert _complaints() == ["invoicing_item lacks the trigger audit_update"]


@pytest.mark.usefixtures("mended")
def test_a_trigger_nobody_asked_for_is_dropped() -> None:
    as_owner(
        "CREATE TRIGGER audit_update AFTER UPDATE ON tenants_job FOR EACH STATEMENT"
        " EXECUTE FUNCTION audit_record_tenant_rows('tenants.job')"
    )
    triggers.reconcile(using="owner")
    with connections["owner"].cursor() as cursor:
        assert triggers.existing_triggers(cursor) == triggers.wanted_triggers()


def test_reconciling_twice_changes_nothing() -> None:
    before = _trigger_ids()
    triggers.reconcile(using="owner")
    assert _trigger_ids() == before


def _complaints() -> list[str]:
    found = checks.run_checks(tags=[checks.Tags.database], databases=["default"])
    return [message.msg.partition(":")[0] for message in found if message.id == "audit.E001"]


def _trigger_ids() -> set[int]:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT oid FROM pg_trigger WHERE NOT tgisinternal")
        return {row[0] for row in cursor.fetchall()}
