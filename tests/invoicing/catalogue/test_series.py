"""Series: what numbers them is settled before the first number and stays."""

import pytest

from invoicing.models import Customer, LegalEntity, Series
from invoicing.services.creating import create_invoice
from tenants import ids
from tenants.models import Tenant
from tests.factories import scope_of
from tests.factories.invoicing import a_draft, make_customer
from tests.invoicing.catalogue.kinds import BY_PATH, Api, Json

SERIES, ENTITIES = BY_PATH["series"], BY_PATH["legal-entities"]


@pytest.mark.parametrize(
    "pattern",
    [
        "INV",
        "{number}{number}",
        "{number}",
        "{year}-{number:05}-{day}",
        "{year:04}-{number}",
        "{year}-{number}\u202e",
        "{year}-{number}$",
        "{year}-{number:60}",
        "",
        5,
        None,
    ],
)
def test_a_pattern_that_cannot_number_documents_is_refused(api: Api, pattern: object) -> None:
    answer = api.client.post(api.url("series"), {**SERIES.body(), "pattern": pattern})
    assert answer.status_code == 400, answer.content
    assert api.pointers(answer) == ["/pattern"]
    assert len(api.rows(SERIES)) == 2


def test_a_reset_must_show_in_the_pattern(api: Api) -> None:
    made = api.make(SERIES, pattern="N{number}", reset="never")
    refused = api.patch(SERIES, {"version": 1, **made}, {"reset": "year"})
    assert (refused.status_code, api.pointers(refused)) == (400, ["/pattern"])
    assert api.read(SERIES, made["id"])["reset"] == "never"


def test_two_series_of_a_seller_never_draw_numbers_that_look_the_same(api: Api) -> None:
    refused = api.client.post(api.url("series"), {**SERIES.body(), "pattern": "INV-{year}-{number}"})
    assert (refused.status_code, api.pointers(refused)) == (409, ["/pattern"])
    second = api.make(ENTITIES)
    assert api.make(SERIES, pattern="X-{year}-{number}")["id"]
    assert api.make(SERIES, pattern="X-{year}-{number}", legal_entity=second["id"])["id"]


def test_a_code_is_one_series_of_the_seller(api: Api) -> None:
    refused = api.client.post(api.url("series"), {**SERIES.body(), "code": "INV"})
    assert (refused.status_code, api.pointers(refused)) == (409, ["/code"])
    made = api.make(SERIES)
    moved = api.patch(SERIES, {"version": 1, **made}, {"code": "CN"})
    assert (moved.status_code, api.pointers(moved)) == (409, ["/code"])
    assert api.read(SERIES, made["id"]) == made


def issue(tenant: Tenant, series: Json) -> str | None:
    """The number of a document that is issued in the series."""
    with scope_of(tenant):
        customer = Customer.objects.first() or make_customer()
        series_id = ids.decode("ser", series["id"])
        return create_invoice(draft=a_draft(customer.id, series=series_id), issue=True).number


def test_what_numbers_a_series_is_settled_by_its_first_number(api: Api, acme: Tenant) -> None:
    made = {"version": 1, **api.make(SERIES, pattern="OLD-{year}-{number}")}
    changed = api.patch(SERIES, made, {"pattern": "NEW-{year}-{number}"})
    assert changed.status_code == 200
    number = issue(acme, made)
    assert number is not None
    assert number.startswith("NEW-")
    current = {"version": 2, **api.read(SERIES, made["id"])}
    for name, value in (("pattern", "LATER-{year}-{number}"), ("reset", "never")):
        late = api.patch(SERIES, current, {name: value})
        assert (late.status_code, api.pointers(late)) == (409, [f"/{name}"])
    assert api.patch(SERIES, current, {"code": "ELSE", "pattern": current["pattern"]}).status_code == 200


def test_seller_and_type_of_a_series_never_change(api: Api) -> None:
    made = {"version": 1, **api.make(SERIES)}
    for name in ("legal_entity", "document_type"):
        refused = api.patch(SERIES, made, {name: made[name]})
        assert (refused.status_code, api.pointers(refused)) == (400, [f"/{name}"])


def defaults(api: Api) -> dict[str, str]:
    return {row["document_type"]: row["id"] for row in api.rows(SERIES) if row["is_default"]}


def test_exactly_one_series_is_the_default_of_a_seller_and_type(api: Api) -> None:
    before = defaults(api)
    made = {"version": 1, **api.make(SERIES)}
    assert made["is_default"] is False
    assert api.patch(SERIES, made, {"is_default": True}).status_code == 200
    assert defaults(api) == {**before, "invoice": made["id"]}
    assert api.client.delete(api.url(f"series/{made['id']}")).status_code == 409
    assert api.make(SERIES, is_default=True)["id"] == defaults(api)["invoice"]
    assert api.client.delete(api.url(f"series/{made['id']}")).status_code == 204
    assert api.client.delete(api.url(f"series/{before['credit_note']}")).status_code == 204
    assert set(defaults(api)) == {"invoice"}


def test_a_series_belongs_to_a_seller_that_can_be_used(api: Api, other: Api) -> None:
    (foreign,) = other.rows(ENTITIES)
    (own,) = api.rows(ENTITIES)
    refused = api.client.post(api.url("series"), {**SERIES.body(), "legal_entity": foreign["id"]})
    assert (refused.status_code, api.pointers(refused)) == (400, ["/legal_entity"])
    api.client.delete(api.url(f"legal-entities/{own['id']}"))
    refused = api.client.post(api.url("series"), SERIES.body())
    assert (refused.status_code, api.pointers(refused)) == (400, ["/legal_entity"])


def test_a_seller_shows_its_series_after_it_was_deactivated(api: Api, acme: Tenant) -> None:
    (own,) = api.rows(ENTITIES)
    api.client.delete(api.url(f"legal-entities/{own['id']}"))
    assert {row["legal_entity"] for row in api.rows(SERIES)} == {own["id"]}
    with scope_of(acme):
        assert not LegalEntity.objects.exists()
        assert {series.legal_entity.public_id for series in Series.objects.all()} == {own["id"]}
