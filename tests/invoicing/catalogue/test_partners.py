"""Customers and vendors: accounts, addresses, registrations are checked; contacts have one default."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from invoicing.models import Contact
from invoicing.services.contacts import create_contact
from tenants import ids
from tenants.models import Tenant
from tests.factories import scope_of
from tests.factories.invoicing import make_customer
from tests.invoicing.catalogue.kinds import BY_PATH, Api

CUSTOMERS, VENDORS, CONTACTS = BY_PATH["customers"], BY_PATH["vendors"], BY_PATH["contacts"]
IBAN = "DE89370400440532013000"
ADDRESS = {
    "name": "Globex, warehouse",
    "location_id": "5790000436057",
    "location_scheme": "0088",
    "address_line": "Quay 7",
    "address_extra": None,
    "address_line_3": "Gate C",
    "postal_code": "69001",
    "city": "Lyon",
    "region": None,
    "country": "FR",
}


@pytest.mark.parametrize("path", ["customers", "vendors"])
def test_bank_accounts_are_kept_in_their_normal_spelling(api: Api, path: str) -> None:
    given = [{"iban": "de89 3704 0044 0532 0130 00", "bic": "cobadeff xxx", "name": "A"}]
    made = api.make(BY_PATH[path], bank_accounts=[*given, {"iban": "AT61 1904 3002 3457 3201"}])
    assert made["bank_accounts"] == [
        {"iban": IBAN, "bic": "COBADEFFXXX", "name": "A"},
        {"iban": "AT611904300234573201", "bic": None, "name": None},
    ]
    emptied = api.patch(BY_PATH[path], {"version": 1, **made}, {"bank_accounts": None})
    assert api.data(emptied)["bank_accounts"] == []


@pytest.mark.parametrize(
    ("pointers", "fault"),
    [
        (["/bank_accounts/0/iban"], {"bank_accounts": [{"iban": "DE89370400440532013001"}]}),
        (["/bank_accounts/0/bic"], {"bank_accounts": [{"iban": IBAN, "bic": "COBA"}]}),
        (
            ["/bank_accounts/1/iban"],
            {"bank_accounts": [{"iban": IBAN}, {"iban": "DE89 37040044 0532013000"}]},
        ),
        (["/bank_accounts/0/iban"], {"bank_accounts": [{"bic": "COBADEFFXXX"}]}),
        (["/bank_accounts"], {"bank_accounts": [{"iban": IBAN}] * 21}),
        (["/bank_accounts/0/balance"], {"bank_accounts": [{"iban": IBAN, "balance": "1"}]}),
        (["/delivery_address/country"], {"delivery_address": {"city": "Lyon"}}),
        (["/delivery_address/country"], {"delivery_address": {"country": "ZZ"}}),
        (
            ["/delivery_address/location_id"],
            {
                "delivery_address": {
                    "country": "FR",
                    "location_scheme": "0088",
                    "location_id": "5790000436058",
                }
            },
        ),
        (
            ["/delivery_address/location_id"],
            {"delivery_address": {"country": "FR", "location_scheme": "0088"}},
        ),
        (["/registration_id"], {"country": "FR", "registration_id": "732 829 321"}),
        (["/registration_id"], {"country": "DE", "registration_scheme": "0192", "registration_id": "1"}),
        (["/registration_id"], {"registration_scheme": "0002"}),
        (["/registration_scheme"], {"registration_scheme": "SIREN", "registration_id": "732829320"}),
        (
            ["/electronic_address"],
            {"electronic_address_scheme": "0088", "electronic_address": "5790000436058"},
        ),
        (["/tax_treatment"], {"tax_treatment": "none"}),
    ],
)
def test_a_fault_is_named_where_it_stands(api: Api, pointers: list[str], fault: dict[str, Any]) -> None:
    for kind in (CUSTOMERS, VENDORS):
        answer = api.client.post(api.url(kind.path), {**kind.body(), "country": "FR", **fault})
        assert (answer.status_code, api.pointers(answer)) == (400, pointers), answer.content
        assert api.rows(kind) == []


@pytest.mark.parametrize(
    ("country", "scheme", "given", "kept"),
    [
        ("FR", None, "732 829 320", "732829320"),
        ("FR", None, "732 829 320 00074", "73282932000074"),
        ("NO", None, "988 077 917", "988077917"),
        ("DE", None, "HRB 12345", "HRB 12345"),
        ("DE", "0002", "732 829 320", "732829320"),
    ],
)
def test_a_registration_is_checked_by_its_register(
    api: Api, country: str, scheme: str | None, given: str, kept: str
) -> None:
    made = api.make(VENDORS, country=country, registration_scheme=scheme, registration_id=given)
    assert made["registration_id"] == kept


def test_a_patch_changes_the_members_of_an_address_that_it_names(api: Api) -> None:
    made = {"version": 1, **api.make(CUSTOMERS, delivery_address=ADDRESS)}
    assert made["delivery_address"] == ADDRESS
    moved = api.data(api.patch(CUSTOMERS, made, {"delivery_address": {"city": "Villeurbanne"}}))
    assert moved["delivery_address"] == {**ADDRESS, "city": "Villeurbanne"}
    gone = api.data(api.patch(CUSTOMERS, {"version": 2, **moved}, {"delivery_address": None}))
    assert gone["delivery_address"] is None


def test_an_issued_document_keeps_where_its_goods_went(api: Api) -> None:
    customer = api.make(CUSTOMERS, delivery_address=ADDRESS, address_line_3="Floor 3")
    line = {"description": "x", "quantity": "1", "unit_price": "1", "tax": {"category": "S", "rate": "19"}}
    body = {"customer": customer["id"], "currency": "EUR", "lines": [line], "issue": True}
    invoice = api.data(api.client.post(api.url("invoices"), body))
    api.patch(CUSTOMERS, {"version": 1, **customer}, {"delivery_address": None, "address_line_3": None})
    kept = api.data(api.client.get(api.url(f"invoices/{invoice['id']}")))["buyer"]
    assert (kept["delivery_address"], kept["address_line_3"]) == (ADDRESS, "Floor 3")
    assert "bank_accounts" not in kept


def test_a_reference_is_one_vendors_and_may_be_a_customers_too(api: Api, other: Api) -> None:
    api.make(VENDORS, reference="7")
    refused = api.client.post(api.url("vendors"), {**VENDORS.body(), "reference": "7"})
    assert (refused.status_code, api.pointers(refused)) == (409, ["/reference"])
    assert api.make(CUSTOMERS, reference="7")["reference"] == "7"
    assert other.make(VENDORS, reference="7")["reference"] == "7"


def defaults(api: Api, party: str) -> list[str]:
    return [row["name"] for row in api.rows(CONTACTS, f"customer={party}") if row["is_default"]]


def test_a_party_with_contacts_has_one_that_is_its_default(api: Api) -> None:
    party = api.make(CUSTOMERS)["id"]
    first = api.make(CONTACTS, customer=party, name="First")
    assert first["is_default"] is True
    second = api.make(CONTACTS, customer=party, name="Second", is_default=True)
    assert defaults(api, party) == ["Second"]
    assert api.client.delete(api.url(f"contacts/{second['id']}")).status_code == 409
    again = api.patch(CONTACTS, api.read(CONTACTS, first["id"]) | {"version": 2}, {"is_default": True})
    assert again.status_code == 200, again.content
    assert defaults(api, party) == ["First"]
    assert api.client.delete(api.url(f"contacts/{second['id']}")).status_code == 204
    assert [row["name"] for row in api.rows(CONTACTS, f"customer={party}")] == ["First"]


@pytest.mark.parametrize(
    ("pointer", "parties"),
    [
        ("/customer", {}),
        ("/customer", {"customer": "own", "vendor": "own"}),
        ("/customer", {"customer": "foreign"}),
        ("/vendor", {"vendor": "inactive"}),
    ],
)
def test_a_contact_is_of_one_party_that_is_there(
    api: Api, other: Api, pointer: str, parties: dict[str, str]
) -> None:
    known = {
        "own": {"customer": api.make(CUSTOMERS)["id"], "vendor": api.make(VENDORS)["id"]},
        "foreign": {"customer": other.make(CUSTOMERS)["id"]},
        "inactive": {"vendor": api.make(VENDORS)["id"]},
    }
    api.client.delete(api.url(f"vendors/{known['inactive']['vendor']}"))
    named = {member: known[which][member] for member, which in parties.items()}
    answer = api.client.post(api.url("contacts"), {"name": "A", **named})
    assert (answer.status_code, api.pointers(answer)) == (400, [pointer])
    assert api.rows(CONTACTS) == []


def test_of_many_first_contacts_one_becomes_the_default(globex: Tenant) -> None:
    with scope_of(globex):
        customer = make_customer().id

    def create(number: int) -> None:
        try:
            with scope_of(globex):
                create_contact(customer=customer, name=f"C {number}", is_default=number % 2 == 0)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(create, range(6)))
    with scope_of(globex):
        assert Contact.objects.filter(customer_id=customer).count() == 6
        assert Contact.objects.filter(customer_id=customer, is_default=True).count() == 1


def test_a_credit_limit_is_an_amount_in_a_currency(api: Api) -> None:
    plain = api.version == "v1"

    def limit(amount: str, currency: str | None) -> dict[str, Any]:
        if plain:
            return {"credit_limit": amount, "credit_limit_currency": currency}
        return {"credit_limit": {"amount": amount, "currency": currency}}

    made = api.make(CUSTOMERS, **limit("500", "USD"))
    shown = (made["credit_limit"], made.get("credit_limit_currency"))
    assert shown == (("500", "USD") if plain else ({"amount": "500.00", "currency": "USD"}, None))
    gone = api.data(api.patch(CUSTOMERS, {"version": 1, **made}, {"credit_limit": None}))
    assert (gone["credit_limit"], gone.get("credit_limit_currency") or None) == (None, None)
    for amount, currency in (("-1", "EUR"), ("1.234", "EUR"), ("1", "XXX")):
        refused = api.client.post(api.url("customers"), {**CUSTOMERS.body(), **limit(amount, currency)})
        assert refused.status_code == 400, refused.content
        assert api.pointers(refused)[0].startswith("/credit_limit")
    if plain:
        assert api.make(CUSTOMERS, credit_limit="5", currency="CHF")["credit_limit_currency"] == "CHF"
        assert api.make(CUSTOMERS, credit_limit="5")["credit_limit_currency"] == "EUR"
    assert ids.decode("cus", made["id"])
