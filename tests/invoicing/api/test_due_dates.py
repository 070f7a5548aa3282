"""Due dates by terms: of the document, the customer, the legal entity; counted from the tenant's day."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from invoicing.domain.schedule import DueKind, DueRule
from invoicing.models import Customer, Invoice, LegalEntity
from invoicing.services.resolving import place, resolve
from tenants import ids
from tenants.models import Tenant
from tests.factories import ApiClient
from tests.factories.invoicing import a_draft
from tests.invoicing.api.client import Invoices

pytestmark = pytest.mark.usefixtures("inside")
EOM = {"kind": "end_of_month", "days": 10}
SHOWN = {"kind": "end_of_month", "days": 10, "months": 0, "day": None, "roll": "none"}


def issued(api: Invoices, **stated: Any) -> dict[str, Any]:
    return api.make(issue=True, issue_date="2026-01-31", **stated)


def test_the_terms_of_the_document_go_before_those_of_the_customer_and_of_the_seller(api: Invoices) -> None:
    assert issued(api)["due_date"] == "2026-03-02"
    LegalEntity.objects.update(due_rule={"kind": "net", "days": 1})
    assert issued(api)["due_date"] == "2026-02-01"
    customers = Customer.objects.filter(id=ids.decode("cus", api.customer))
    customers.update(payment_days=2)
    assert issued(api)["due_date"] == "2026-02-02"
    customers.update(due_rule={"kind": "net", "days": 3})
    assert issued(api)["due_date"] == "2026-02-03"
    made = issued(api, due_rule=EOM)
    assert (made["due_date"], made["due_rule"]) == ("2026-02-10", SHOWN)
    stated = issued(api, due_rule=EOM, due_date="2026-02-20")
    assert (stated["due_date"], stated["due_rule"]) == ("2026-02-20", None)


def test_an_issued_invoice_keeps_the_terms_that_gave_its_due_date(api: Invoices) -> None:
    Customer.objects.filter(id=ids.decode("cus", api.customer)).update(due_rule=EOM)
    made = issued(api)
    assert made["due_rule"] == SHOWN
    Customer.objects.filter(id=ids.decode("cus", api.customer)).update(due_rule=None)
    assert api.read(made["id"])["due_rule"] == SHOWN


def test_a_draft_keeps_its_terms_until_it_is_issued(api: Invoices) -> None:
    made = api.make(due_rule=EOM)
    assert (made["due_date"], made["due_rule"]) == (None, SHOWN)
    changed = api.changed({"version": 1, **made}, {"issue_date": "2026-01-31"})
    assert changed["due_rule"] == SHOWN
    assert api.issue(made["id"]).status_code == 200
    assert api.read(made["id"])["due_date"] == "2026-02-10"


def test_working_days_are_those_of_the_sellers_country(api: Invoices) -> None:
    rule = {"kind": "working_days", "days": 1}
    made = api.make(issue=True, issue_date="2025-12-24", due_rule=rule)
    assert made["due_date"] == "2025-12-29"


def test_a_credit_note_is_due_only_where_that_is_stated(api: Invoices) -> None:
    made = issued(api, type="credit_note", due_rule=EOM)
    assert (made["due_date"], made["due_rule"]) == (None, None)


@pytest.mark.parametrize(
    ("rule", "pointer"),
    [
        ({"kind": "sometime"}, "/due_rule/kind"),
        ({"days": 3}, "/due_rule/kind"),
        ({"kind": "net", "days": 1000}, "/due_rule/days"),
        ({"kind": "net", "days": -1}, "/due_rule/days"),
        ({"kind": "net", "days": 1.5}, "/due_rule/days"),
        ({"kind": "net", "day": 0}, "/due_rule/day"),
        ({"kind": "net", "day": 3}, "/due_rule/day"),
        ({"kind": "day_of_month"}, "/due_rule/day"),
        ({"kind": "net", "weeks": 2}, "/due_rule/weeks"),
    ],
)
def test_bad_terms_are_refused_at_their_place(api: Invoices, rule: dict[str, Any], pointer: str) -> None:
    answer = api.post("", api.body(due_rule=rule))
    assert answer.status_code == 400
    assert pointer in api.pointers(answer)
    assert not Invoice.objects.exists()


def test_the_account_of_an_invoice_says_how_its_due_date_came_about(api: Invoices) -> None:
    by_terms, by_hand = issued(api, due_rule=EOM), issued(api, due_date="2026-02-20")
    steps = [
        next(step for step in account["steps"] if step["pointer"] == "/due_date")
        for account in (api.data(api.get(f"/{each['id']}/explain")) for each in (by_terms, by_hand))
    ]
    assert [(step["rule"], step["result"]) for step in steps] == [
        ("payment terms", "2026-02-10"),
        ("as given or payment days", "2026-02-20"),
    ]


def calculated(api: Invoices, **stated: Any) -> Any:
    body = {key: value for key, value in api.body(**stated).items() if key != "customer"}
    return api.post("/calculate", body)


@pytest.mark.parametrize(
    ("entity", "stated"),
    [
        ({}, {}),
        ({"payment_days": 14}, {}),
        ({"due_rule": {"kind": "working_days", "days": 3}}, {}),
        ({}, {"due_rule": EOM}),
        ({"due_rule": {"kind": "net", "days": 3}}, {"due_rule": EOM}),
        ({}, {"due_rule": {"kind": "working_days", "days": 1}, "issue_date": "2025-12-24"}),
        ({}, {"due_date": "2099-02-20", "due_rule": EOM}),
        ({}, {"type": "credit_note", "due_rule": EOM}),
        ({}, {"type": "credit_note", "due_date": "2099-02-20"}),
    ],
)
def test_calculate_answers_the_due_date_that_issuing_gives(
    api: Invoices, entity: dict[str, Any], stated: dict[str, Any]
) -> None:
    LegalEntity.objects.update(**entity)
    answer = calculated(api, **stated)
    assert answer.status_code == 200, answer.content
    assert api.data(answer)["due_date"] == api.make(issue=True, **stated)["due_date"]


@pytest.mark.parametrize(
    ("stated", "told"),
    [
        ({"due_date": "2026-01-30", "issue_date": "2026-01-31"}, "due_date"),
        ({"due_date": "2020-01-30"}, "due_date"),
        ({"issue_date": "9999-12-31", "due_rule": {"kind": "net", "days": 1}}, "payment terms"),
        ({"due_rule": {"kind": "day_of_month"}}, "due_rule"),
    ],
)
def test_calculate_refuses_the_dates_that_issuing_refuses(
    api: Invoices, stated: dict[str, Any], told: str
) -> None:
    by_calculate, by_issue = calculated(api, **stated), api.post("", api.body(issue=True, **stated))
    assert by_calculate.status_code == by_issue.status_code == 400
    assert told in by_calculate.content.decode()
    assert api.pointers(by_calculate) == api.pointers(by_issue)


def test_calculate_without_a_seller_is_due_by_the_terms_it_is_given(acme_client: ApiClient) -> None:
    api = Invoices(acme_client, "v2", "")
    line = {"description": "Work", "quantity": "1", "unit_price": "1", "tax": {"category": "S", "rate": "19"}}
    body: dict[str, Any] = {"currency": "EUR", "issue_date": "2026-01-31", "lines": [line]}
    answers = [api.post("/calculate", {**body, **more}) for more in ({}, {"due_rule": EOM})]
    assert [api.data(answer)["due_date"] for answer in answers] == [None, "2026-02-10"]


@pytest.mark.parametrize(
    ("zone", "day", "due"),
    [
        ("Pacific/Auckland", date(2026, 2, 1), date(2026, 3, 10)),
        ("Europe/Berlin", date(2026, 1, 31), date(2026, 2, 10)),
    ],
)
def test_the_day_of_issue_is_the_tenants(
    acme: Tenant, api: Invoices, zone: str, day: date, due: date
) -> None:
    Tenant.objects.filter(id=acme.id).update(time_zone=zone)
    customer: UUID = ids.decode("cus", api.customer)
    (resolved,) = resolve([a_draft(customer)])
    draft = a_draft(customer, due_rule=DueRule(DueKind.END_OF_MONTH, 10))
    placement = place(draft, resolved, now=datetime(2026, 1, 31, 12, tzinfo=UTC), issue=True)
    assert (placement.issue_date, placement.due_date) == (day, due)
