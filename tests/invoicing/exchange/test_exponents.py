"""Currencies with no, three and four decimals, from the totals to the statement, as ISO 4217 has them."""

import pytest

from tenants.models import Tenant
from tests.factories import ApiClient, scope_of
from tests.factories.invoicing import make_customer, make_legal_entity

# Currency, unit price, total with 19 % tax, a part to pay, what is left, an amount with a digit too many.
CASES = [
    ("JPY", "1001", "1191", "191", "1000", "0.5"),
    ("BHD", "10.001", "11.901", "1.901", "10.000", "0.0005"),
    ("CLF", "10.0001", "11.9001", "1.9001", "10.0000", None),
    ("CLP", "999", "1189", "189", "1000", "0.1"),
]


@pytest.mark.parametrize(("currency", "price", "total", "part", "left", "too_fine"), CASES)
def test_amounts_have_the_decimals_of_their_currency_everywhere(
    acme: Tenant,
    acme_client: ApiClient,
    currency: str,
    price: str,
    total: str,
    part: str,
    left: str,
    too_fine: str | None,
) -> None:
    with scope_of(acme):
        make_legal_entity()
        customer = make_customer().public_id
    line = {
        "description": "x",
        "quantity": "1",
        "unit_price": price,
        "tax": {"category": "S", "rate": "19"},
    }
    body = {"customer": customer, "currency": currency, "lines": [line], "issue": True}
    invoice = acme_client.post("/api/v2/invoices", body).json()
    assert invoice["totals"]["payable"] == total
    money = {"amount": part, "currency": currency}
    allocation = {"invoice": invoice["id"], "amount": money}
    paid = acme_client.post(
        "/api/v2/payments", {"customer": customer, "amount": money, "allocations": [allocation]}
    ).json()
    assert paid["allocated"] == money
    url = f"/api/v2/invoices/{invoice['id']}/write-off"
    if too_fine is not None:
        refused = acme_client.post(url, {"reason": "x", "amount": {"amount": too_fine, "currency": currency}})
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "too-many-decimals")
    written = acme_client.post(url, {"reason": "x"}).json()
    assert written["amount"] == {"amount": left, "currency": currency}
    day = paid["effective_date"]
    statement = acme_client.get(f"/api/v2/statements?customer={customer}&from={day}&to={day}").json()
    (one,) = statement["statements"]
    assert [entry["amount"]["amount"] for entry in one["lines"]] == [total, f"-{part}", f"-{left}"]
    assert float(one["closing"]["amount"]) == 0
