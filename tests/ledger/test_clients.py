"""The short form of `make ledger`: clients in threads beside the checker, and a checker that sees."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from invoicing.models import Invoice
from tests.factories import scope_of
from tests.ledger import over_http
from tests.ledger.checking import Checker
from tests.ledger.clients import OPERATIONS, Office, total, work
from tests.ledger.crews import Crew

CLIENTS, EACH = 12, 25


@pytest.mark.slow
def test_clients_that_post_all_at_once_break_nothing_and_change_no_report() -> None:
    office = Office.make(3)
    with Checker(office, pause=0.2) as checker, ThreadPoolExecutor(CLIENTS) as pool:
        figures = total(list(pool.map(lambda seed: work(office, seed, EACH), range(CLIENTS))))
    assert figures.failed == {}
    assert figures.operations == CLIENTS * EACH
    assert len(figures.done) > len(OPERATIONS) / 2
    assert (checker.violations, checker.changed, checker.errors) == ({}, 0, [])
    assert checker.checks > 1
    assert checker.reports


def test_a_crew_does_what_it_is_asked_for() -> None:
    office = Office.make(2)
    with Crew(office, 3, seed=1, operations=10, warm=1) as crew:
        figures = crew.figures()
    assert (figures.operations, figures.failed) == (10, {})
    with scope_of(office.tenant):
        assert Invoice.objects.count() >= 2


def test_clients_over_http_post_and_are_refused_by_rules_alone() -> None:
    office = Office.make(2)
    with over_http.serving(workers=1, threads=2) as url, Checker(office) as checker:
        figures = over_http.measure(office, url, 4, seed=1, seconds=3, warm=0)
    assert figures.failed == {}
    assert {"issue", "receive", "allocate"} <= figures.done.keys()
    assert (checker.violations, checker.changed, checker.errors) == ({}, 0, [])


def test_the_checker_sees_a_sum_that_is_wrong() -> None:
    office = Office.make(1)
    with scope_of(office.tenant):
        work(office, 1, 40)
    with connections["owner"].cursor() as cursor:
        # As the owner and past all triggers: nothing less gets there.
        cursor.execute("BEGIN")
        cursor.execute("SELECT set_config('app.tenant_id', %s, true)", [str(office.tenant.id)])
        cursor.execute("ALTER TABLE invoicing_payment DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE invoicing_payment SET allocated_amount = amount - refunded_amount - returned_amount"
            " WHERE tenant_id = %s AND allocated_amount < amount - refunded_amount - returned_amount",
            [office.tenant.id],
        )
        assert cursor.rowcount > 0
        cursor.execute("ALTER TABLE invoicing_payment ENABLE TRIGGER USER")
        cursor.execute("COMMIT")
    with Checker(office) as checker:
        pass
    assert set(checker.violations) == {"sums of a payment"}
