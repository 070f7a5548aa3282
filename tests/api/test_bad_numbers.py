"""Numbers, currencies and dates through the real endpoints: refused with their place, or kept exactly."""

import json

import pytest

from tenants.models import Tenant
from tests.api.refusals import body_with, refused
from tests.invoicing.api.client import Invoices, a_line

NUMBERS = [
    '"NaN"',
    '"sNaN"',
    '"Infinity"',
    '"-Infinity"',
    '"+Infinity"',
    '"1e309"',
    '"1E+2"',
    "1E+2",
    "0.1",
    "-0.0",
    '"1_000"',
    '"1,000.00"',
    '"\u0661\u0662"',
    '"\uff11\uff12"',
    '" 5"',
    '"5\\n"',
    '" 5\\n"',
    '"+5"',
    '".5"',
    '"5."',
    '"05"',
    '"0x10"',
    '""',
    '"five"',
    "true",
    "[]",
    "{}",
    '"' + "9" * 5000 + '"',
    '"0.' + "1" * 5000 + '"',
    '"9999999999999999"',
    "9999999999999999",
]
PLACES = [
    "/lines/0/quantity",
    "/lines/0/unit_price",
    "/lines/0/base_quantity",
    "/lines/0/tax/rate",
    "/lines/0/allowances/0/amount",
    "/lines/0/allowances/0/percent",
    "/allowances/0/base_amount",
    "/prepaid_amount",
    "/rounding_amount",
]


@pytest.mark.parametrize("place", PLACES)
def test_numbers_are_plain_digits(api: Invoices, acme: Tenant, place: str) -> None:
    for number in NUMBERS:
        answer = refused(api, acme, body_with(api, place, number))
        pointers = api.pointers(answer)
        # An array or object in the place of a number may be faulted inside.
        assert pointers, number
        assert all(pointer.startswith(place) for pointer in pointers), (number, pointers)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e309", "9" * 5000])
def test_numbers_that_json_does_not_have_are_refused(api: Invoices, acme: Tenant, number: str) -> None:
    for place in PLACES:
        answer = refused(api, acme, body_with(api, place, number))
        assert api.pointers(answer) in ([place], [""])


OUT_OF_BOUNDS = [
    ("/lines/0/quantity", "1.0000000000001", "too-many-decimals"),
    ("/lines/0/unit_price", "1.0000000000000001", "too-many-decimals"),
    ("/lines/0/tax/rate", "19.00001", "too-many-decimals"),
    ("/lines/0/tax/rate", "1000", "too-large"),
    ("/lines/0/tax/rate", "100.01", "tax-rate-out-of-range"),
    ("/lines/0/tax/rate", "-1", "tax-rate-out-of-range"),
    ("/lines/0/unit_price", "-1", "negative-price"),
    ("/lines/0/base_quantity", "0", "not-positive"),
    ("/lines/0/base_quantity", "-1", "not-positive"),
    ("/lines/0/allowances/0/amount", "1.001", "too-many-decimals"),
    ("/lines/0/allowances/0/percent", "100.01", "percent-over-100"),
    ("/allowances/0/amount", "0.005", "too-many-decimals"),
    ("/allowances/0/percent", "101", "percent-over-100"),
    ("/prepaid_amount", "1.001", "too-many-decimals"),
    ("/rounding_amount", "0.00001", "too-many-decimals"),
]


def test_numbers_out_of_their_bounds_are_refused_and_never_rounded(api: Invoices, acme: Tenant) -> None:
    for place, text, code in OUT_OF_BOUNDS:
        answer = refused(api, acme, body_with(api, place, f'"{text}"'))
        assert api.pointers(answer) == [place], text
        if api.version == "v2":
            assert json.loads(answer.content)["errors"][0]["code"] == code


def test_a_zero_has_no_sign(api: Invoices) -> None:
    made = api.make(lines=[a_line(quantity="-0", unit_price="-0.00")], prepaid_amount="-0.00")
    line = made["lines"][0]
    assert (line["quantity"], line["unit_price"], line["net_amount"]) == ("0", "0.00", "0.00")
    assert made["prepaid_amount"] == "0.00"
    assert api.read(made["id"]) == made


@pytest.mark.parametrize(
    ("currency", "amount"), [("JPY", "1.50"), ("KWD", "1.2345"), ("EUR", "0.001"), ("ISK", "0.5")]
)
def test_an_amount_has_no_more_decimals_than_its_currency(
    api: Invoices, acme: Tenant, currency: str, amount: str
) -> None:
    body = json.dumps(api.body(currency=currency, prepaid_amount=amount)).encode()
    assert api.pointers(refused(api, acme, body)) == ["/prepaid_amount"]


NO_CURRENCIES = ['"XYZ"', '"eur"', '"Eur"', '" EUR"', r'"EUR\n"', '"EURO"', '""', "978", "[]"]


@pytest.mark.parametrize("place", ["/currency", "/tax_currency"])
def test_a_currency_is_one_that_exists(api: Invoices, acme: Tenant, place: str) -> None:
    for code in NO_CURRENCIES:
        answer = refused(api, acme, body_with(api, place, code))
        assert api.pointers(answer) == [place], code


NO_DAYS = [
    '"2026-02-29"',
    '"0000-01-01"',
    '"2026-13-01"',
    '"2026-1-1"',
    '"20260101"',
    '"2026-01-01T00:00:00Z"',
    '"\uff12\uff10\uff12\uff16-01-01"',
    '"\u0662\u0660\u0662\u0666-01-01"',
    '" 2026-01-01"',
    '"2026-01-01\\n"',
    '"10000-01-01"',
    '"tomorrow"',
    '""',
    "20260101",
    "true",
]


@pytest.mark.parametrize("place", ["/issue_date", "/due_date"])
def test_a_date_is_a_day_that_exists(api: Invoices, acme: Tenant, place: str) -> None:
    for day in NO_DAYS:
        answer = refused(api, acme, body_with(api, place, day))
        assert api.pointers(answer) == [place], day


def test_the_last_day_of_the_calendar_leaves_no_day_to_pay(api: Invoices, acme: Tenant) -> None:
    for issue in (False, True):
        body = json.dumps(api.body(issue_date="9999-12-31", issue=issue)).encode()
        assert api.code(refused(api, acme, body)) == "due-date-out-of-range"
