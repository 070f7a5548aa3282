"""The server's settings follow the scope through nesting, errors, transactions and savepoints."""

from uuid import UUID

import pytest
from django.db import DataError, connection, transaction

from invoicing.models import Customer
from tenants import scope
from tenants.actors import Actor
from tenants.models import Tenant
from tests.factories import scope_of
from tests.factories.invoicing import make_customer
from tests.tenants.scope.observing import counted_round_trips, settings_of


class Refused(Exception):
    """Stands for whatever a unit of work may raise."""


def set_by_server() -> str:
    """The tenant that a statement sent through Django finds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('app.tenant_id', true), '')")
        tenant: str = cursor.fetchone()[0]
    return tenant


def fail_in_sql() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")


@pytest.fixture(autouse=True)
def clean_start() -> None:
    """Each test begins with a connection that has served before and is outside of any scope."""
    assert set_by_server() == ""


def test_a_scope_costs_one_statement_to_set_and_one_to_clear(acme: Tenant) -> None:
    with counted_round_trips() as sent, scope_of(acme):
        set_by_server()
        set_by_server()
        set_by_server()
    assert len(sent) == 5


def test_a_scope_that_asks_nothing_costs_nothing(acme: Tenant) -> None:
    with counted_round_trips() as sent, scope_of(acme):
        pass
    assert sent == []


def test_a_transaction_in_a_scope_costs_the_same_two_statements(acme: Tenant) -> None:
    with counted_round_trips() as sent, scope_of(acme), transaction.atomic():
        set_by_server()
        set_by_server()
    assert len(sent) == 6, "set, BEGIN, two statements, COMMIT, clear"


def test_becoming_somebody_costs_no_statement_of_its_own(acme: Tenant) -> None:
    with counted_round_trips() as sent, scope.enter(scope.Scope(None, Actor.system("request"))):
        scope.become(scope.Scope(acme.id, Actor.system("request")))
        assert set_by_server() == str(acme.id)
    assert len(sent) == 3
    assert set_by_server() == ""


def test_becoming_somebody_needs_a_scope(acme: Tenant) -> None:
    with pytest.raises(scope.NoScope):
        scope.become(scope.Scope(acme.id, Actor.system("request")))


def test_all_four_settings_are_set_and_cleared(acme: Tenant) -> None:
    with scope_of(acme, request_id="req-1") as entered:
        set_by_server()
        seen = settings_of()
        assert seen.tenant_id == str(acme.id)
        assert seen.actor == entered.actor.label
        assert seen.request_id == "req-1"
        assert seen.application_name == "quittance req-1"
    after = settings_of()
    assert (after.tenant_id, after.actor, after.request_id) == ("", "", "")
    assert after.application_name == "quittance"


def test_the_inner_scope_is_in_force_and_the_outer_one_restored(acme: Tenant, globex: Tenant) -> None:
    with scope_of(acme):
        assert set_by_server() == str(acme.id)
        with scope_of(globex):
            assert set_by_server() == str(globex.id)
            with scope.enter(scope.Scope(None, Actor.system("test"))):
                assert set_by_server() == ""
            assert set_by_server() == str(globex.id)
        assert settings_of().tenant_id == str(acme.id)
    assert settings_of().tenant_id == ""


@pytest.mark.parametrize("failing", ["python", "sql"])
def test_an_exception_ends_the_scope(acme: Tenant, failing: str) -> None:
    with pytest.raises((Refused, DataError)), scope_of(acme):
        set_by_server()
        if failing == "sql":
            fail_in_sql()
        raise Refused
    assert scope.current_or_none() is None
    assert settings_of().tenant_id == ""


@pytest.mark.parametrize("failing", ["python", "sql"])
def test_a_rollback_inside_a_scope_leaves_it_in_force(acme: Tenant, failing: str) -> None:
    with scope_of(acme):
        with pytest.raises((Refused, DataError)), transaction.atomic():
            set_by_server()
            if failing == "sql":
                fail_in_sql()
            raise Refused
        assert settings_of().tenant_id == str(acme.id)
        assert set_by_server() == str(acme.id)
    assert settings_of().tenant_id == ""


@pytest.mark.parametrize("failing", ["python", "sql"])
def test_a_rollback_to_a_savepoint_inside_a_scope_leaves_it_in_force(acme: Tenant, failing: str) -> None:
    with scope_of(acme), transaction.atomic():
        with pytest.raises((Refused, DataError)), transaction.atomic():
            if failing == "sql":
                fail_in_sql()
            raise Refused
        assert set_by_server() == str(acme.id)
    assert settings_of().tenant_id == ""


@pytest.mark.parametrize("failing", ["python", "sql"])
def test_a_scope_inside_a_transaction_that_is_rolled_back_leaves_nothing(acme: Tenant, failing: str) -> None:
    with pytest.raises((Refused, DataError)), transaction.atomic():
        set_by_server()
        with scope_of(acme):
            assert set_by_server() == str(acme.id)
            if failing == "sql":
                fail_in_sql()
            raise Refused
    assert set_by_server() == ""


def test_a_rollback_after_the_scope_does_not_bring_it_back(acme: Tenant) -> None:
    with pytest.raises(Refused), transaction.atomic():
        with scope_of(acme):
            set_by_server()
        raise Refused
    assert set_by_server() == ""
    assert Tenant.objects.filter(id=acme.id).count() == 0


@pytest.mark.parametrize("failing", ["python", "sql"])
def test_a_scope_inside_a_savepoint_that_is_rolled_back_gives_way_to_the_outer_one(
    acme: Tenant, globex: Tenant, failing: str
) -> None:
    with scope_of(acme), transaction.atomic():
        with pytest.raises((Refused, DataError)), transaction.atomic(), scope_of(globex):
            assert set_by_server() == str(globex.id)
            if failing == "sql":
                fail_in_sql()
            raise Refused
        assert set_by_server() == str(acme.id)
    assert settings_of().tenant_id == ""


def test_a_failure_inside_a_nested_scope_spoils_only_its_savepoint(acme: Tenant, globex: Tenant) -> None:
    with scope_of(acme), transaction.atomic():
        with pytest.raises(DataError), transaction.atomic(), scope_of(globex):
            fail_in_sql()
        make_customer(name="written after the failure")
    with scope_of(acme):
        assert Customer.objects.get().name == "written after the failure"


def test_a_savepoint_that_is_rolled_back_takes_along_who_the_request_became(acme: Tenant) -> None:
    with scope.enter(scope.Scope(None, Actor.system("request"))), transaction.atomic():
        set_by_server()
        with pytest.raises(Refused), transaction.atomic():
            scope.become(scope.Scope(acme.id, Actor.system("request")))
            assert set_by_server() == str(acme.id)
            raise Refused
        assert set_by_server() == str(acme.id), "the scope goes on, so the server must be told again"


def test_work_of_two_tenants_in_one_transaction_is_kept_apart(acme: Tenant, globex: Tenant) -> None:
    with transaction.atomic():
        with scope_of(acme):
            make_customer(name="of acme")
        with scope_of(globex):
            make_customer(name="of globex")
    names = {}
    for tenant in (acme, globex):
        with scope_of(tenant):
            names[tenant.id] = [customer.name for customer in Customer.objects.all()]
    assert names == {acme.id: ["of acme"], globex.id: ["of globex"]}


def test_a_scope_entered_before_the_connection_exists_reaches_it(acme: Tenant) -> None:
    connection.close()
    with scope_of(acme), transaction.atomic():
        assert set_by_server() == str(acme.id)
    assert settings_of().tenant_id == ""


def test_after_a_commit_the_setting_is_empty_and_shows_no_row(acme: Tenant) -> None:
    with transaction.atomic(), scope_of(acme):
        make_customer()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.tenant_id', true)")
        assert cursor.fetchone() == ("",)
        cursor.execute("SELECT count(*) FROM invoicing_customer")
        assert cursor.fetchone() == (0,)


def test_a_scope_without_a_tenant_is_nobody_to_the_managers() -> None:
    with scope.enter(scope.Scope(None, Actor.system("test"))), pytest.raises(scope.NoScope):
        Customer.objects.count()


def test_scopes_compare_by_identity_because_settings_are_applied_once_each(acme: Tenant) -> None:
    actor = Actor.system("test")
    one, other = scope.Scope(acme.id, actor), scope.Scope(acme.id, actor)
    assert one != other
    with scope.enter(one):
        assert isinstance(scope.require_tenant_id(), UUID)
