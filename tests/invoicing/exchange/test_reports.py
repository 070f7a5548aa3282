"""Receivables in the currency of the books: what they add up to, and that late rates change no answer."""

from collections.abc import Iterator
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import connections

from invoicing.selectors import base_currency, receivables
from invoicing.selectors.base_currency import Valued
from invoicing.selectors.receivables import OpenItemFilter
from invoicing.services import allocating, refunding, returning, writing_off
from tenants.models import Tenant
from tests.factories import client_of, make_member, scope_of
from tests.factories.exchange import a_rate
from tests.factories.invoicing import make_customer, make_legal_entity
from tests.factories.ledger import days_ago, make_issued, make_payment, share
from tests.invoicing.exchange.test_book_values import issued, received, usd
from tests.invoicing.ledger.test_as_of import TABLES, recorded_earlier


@pytest.fixture
def customer(acme: Tenant) -> Iterator[UUID]:
    """One dollar was worth 0.80 euros twenty days ago, 0.90 ten days ago, and 1.00 yesterday."""
    with scope_of(acme):
        make_legal_entity()
        for rate, ago in (("0.8", 20), ("0.9", 10), ("1", 1)):
            a_rate(rate, unit="USD", quoted="EUR", day=days_ago(ago))
        yield make_customer().id


def open_now() -> dict[str, Valued]:
    found = base_currency.positions(at=receivables.horizon(), filters=OpenItemFilter())
    return {row.position.currency: row for row in found}


def test_what_is_open_is_told_at_book_value_and_at_the_days_rate(customer: UUID) -> None:
    document = issued(customer, "100")
    make_issued(customer, "50")
    paid = received(customer, "70")
    allocating.allocate_payment(payment_id=paid.id, shares=[share(document, "40")])
    found = open_now()
    dollars = found["USD"]
    # 60 of 100 dollars carried at 80 are open, and 30 of 70 carried at 63 are credit.
    assert (dollars.position.claims, dollars.position.credit) == (Decimal(60), Decimal(-30))
    assert dollars.position.book_value == Decimal("48.00") - Decimal("27.00")
    assert (dollars.rate and dollars.rate.day, dollars.closing_value) == (days_ago(1), Decimal("30.00"))
    assert found["EUR"].position.book_value == found["EUR"].closing_value == Decimal(50)


def test_everything_settled_leaves_no_book_value_and_the_whole_difference_realised(customer: UUID) -> None:
    document, paid = issued(customer, "100.01"), received(customer, "100.01")
    for part in ("33.33", "33.33"):
        allocating.allocate_payment(payment_id=paid.id, shares=[share(document, part)])
    (last,) = allocating.allocate_payment(payment_id=paid.id, shares=[share(document, "33.35")])
    assert not open_now()
    _, (row,) = base_currency.realised(first=days_ago(30), last=days_ago(0))
    assert (row.base, row.currency, row.gains, row.losses) == ("EUR", "USD", Decimal("10.00"), Decimal(0))
    allocating.reverse_allocation(allocation_id=last.id, reason="x")
    _, (row,) = base_currency.realised(first=days_ago(30), last=days_ago(0))
    assert row.gains + row.losses == Decimal("10.00") - (last.source_value - last.target_value)
    assert open_now()["USD"].position.book_value == last.target_value - last.source_value


def test_what_has_no_rate_is_counted_not_guessed(customer: UUID) -> None:
    make_issued(customer, "7.000", currency="BHD", issued=days_ago(3))
    row = open_now()["BHD"]
    assert (row.position.unvalued, row.position.book_value, row.closing_value) == (1, Decimal(0), None)


def test_rates_and_postings_that_come_late_leave_every_earlier_answer_to_the_bit(
    acme: Tenant, customer: UUID
) -> None:
    document, paid = issued(customer, "100"), received(customer, "70")
    allocating.allocate_payment(payment_id=paid.id, shares=[share(document, "40")])
    TABLES["invoicing_fxrate"] = "recorded_at"
    try:
        recorded_earlier(acme, 9)
    finally:
        del TABLES["invoicing_fxrate"]
    client = client_of(make_member(acme))
    days = [days_ago(each) for each in (8, 5, 2, 1)]

    def told() -> list[bytes]:
        paths = [f"receivables/in-base?as_of={day}" for day in days]
        paths += [f"exchange-differences?from={days_ago(60)}&to={day}" for day in days]
        answers = [client.get(f"/api/{version}/{path}") for version in ("v1", "v2") for path in paths]
        assert {answer.status_code for answer in answers} == {200}
        return [answer.content for answer in answers]

    before = told()
    for ago in (20, 10, 8, 5, 2, 1):
        a_rate("3", unit="USD", quoted="EUR", day=days_ago(ago), source="late")
    issued(customer, "11", ago=15)
    late = received(customer, "30", ago=9)
    allocating.allocate_payment(
        payment_id=late.id, shares=[share(document, "30")], effective_date=days_ago(9)
    )
    writing_off.write_off_invoice(
        invoice_id=document.id, reason="x", money=usd("1"), effective_date=days_ago(8)
    )
    refunding.refund_payment(payment_id=paid.id, money=usd("2"), effective_date=days_ago(8))
    returning.return_payment(payment_id=paid.id, reason="x", money=usd("60"), effective_date=days_ago(7))
    assert told() == before


def test_a_rate_is_known_from_the_moment_it_is_recorded_whatever_the_row_says(
    customer: UUID,
) -> None:
    del customer
    row = a_rate("5", day=days_ago(2))
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO invoicing_fxrate (id, tenant_id, from_currency, to_currency, rate, day, source,"
            " recorded_at, created_at, updated_at) SELECT uuidv7(), tenant_id, 'EUR', 'JPY', 1, day, 'x',"
            " '2001-01-01', now(), now() FROM invoicing_fxrate WHERE id = %s RETURNING recorded_at",
            [row.id],
        )
        (recorded_at,) = cursor.fetchone()
    assert recorded_at > row.recorded_at


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_both_versions_show_what_a_settlement_realised(acme: Tenant, customer: UUID, version: str) -> None:
    document, paid = issued(customer, "100"), received(customer, "100")
    (row,) = allocating.allocate_payment(payment_id=paid.id, shares=[share(document, "100")])
    client = client_of(make_member(acme))
    body = client.get(f"/api/{version}/allocations/{row.public_id}").json()
    shown = body["data"] if version == "v1" else body
    assert (shown["source_value"], shown["target_value"], shown["gain"]) == ("90.00", "80.00", "10.00")
    plain = make_payment(customer, "1", shares=[share(make_issued(customer, "1"), "1")])
    body = client.get(f"/api/{version}/payments/{plain.public_id}").json()
    shown = body["data"] if version == "v1" else body
    assert shown["allocations"][0]["gain"] is None
