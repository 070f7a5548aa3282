"""Changing drafts: merge patches (RFC 7396), versions, and what does not change any more."""

import pytest

from invoicing.models import Series
from tests.invoicing.api.client import STANDARD, Invoices, a_line, everything

pytestmark = pytest.mark.usefixtures("inside")
MERGE_PATCH = "application/merge-patch+json"


def test_a_patch_changes_what_it_names(api: Invoices) -> None:
    made = {"version": 1, **api.make(payment_terms="Net 30", due_date="2026-12-24")}
    changed = api.changed(made, {"due_date": "2026-12-31"})
    assert changed == api.read(made["id"])
    assert (changed["due_date"], changed["payment_terms"]) == ("2026-12-31", "Net 30")
    assert changed["totals"] == made["totals"]
    assert changed["created_at"] == made["created_at"] < changed["updated_at"]


def test_null_removes_and_the_default_returns(api: Invoices) -> None:
    made = {
        "version": 1,
        **api.make(
            due_date="2026-12-24", payment_terms="Net 30", prepaid_amount="19.00", rounding_amount="0.01"
        ),
    }
    names = ["due_date", "payment_terms", "prepaid_amount", "rounding_amount"]
    changed = api.changed(made, dict.fromkeys(names))
    assert [changed[name] for name in names] == [None, "", "0.00", "0.00"]
    assert changed["totals"]["payable"] == "119.00"


@pytest.mark.parametrize("name", ["customer", "currency", "lines"])
def test_what_a_document_cannot_be_without_cannot_be_removed(api: Invoices, name: str) -> None:
    made = {"version": 1, **api.make()}
    before = everything()
    refused = api.patch(made, {name: None})
    assert (refused.status_code, api.pointers(refused)) == (400, [f"/{name}"])
    assert everything() == before


def test_lists_are_replaced_whole(api: Invoices) -> None:
    made = {"version": 1, **api.make(lines=[a_line(), a_line(), a_line()])}
    changed = api.changed(made, {"lines": [a_line(unit_price="7")]})
    assert [line["net_amount"] for line in changed["lines"]] == ["7.00"]
    assert changed["totals"]["tax_inclusive"] == "8.33"


def test_percentages_are_computed_anew_and_amounts_stand(api: Invoices) -> None:
    allowances = [{"percent": "10", "tax": STANDARD}, {"amount": "5.00", "percent": "10", "tax": STANDARD}]
    made = {"version": 1, **api.make(allowances=allowances)}
    assert [item["amount"] for item in made["allowances"]] == ["10.00", "5.00"]
    changed = api.changed(made, {"lines": [a_line(unit_price="200", allowances=[{"percent": "50"}])]})
    assert changed["lines"][0]["allowances"][0]["amount"] == "100.00"
    assert [item["amount"] for item in changed["allowances"]] == ["10.00", "5.00"]
    again = api.changed(changed | {"version": 2}, {"lines": [a_line(unit_price="300")]})
    assert [item["amount"] for item in again["allowances"]] == ["30.00", "5.00"]


def test_another_type_brings_its_own_series(api: Invoices) -> None:
    made = {"version": 1, **api.make()}
    changed = api.changed(made, {"type": "credit_note"})
    assert changed["series"] == Series.objects.get(document_type="credit_note").public_id


def test_a_due_date_that_was_not_stated_follows_the_issue_date(api: Invoices) -> None:
    made = {"version": 1, **api.make(issue_date="2026-11-01")}
    assert made["due_date"] is None
    changed = api.changed(made, {"issue_date": "2027-03-01"})
    issued = api.data(api.issue(changed["id"]))
    assert (issued["issue_date"], issued["due_date"]) == ("2027-03-01", "2027-03-31")


@pytest.mark.parametrize("patch", ["[]", '"text"', "1", "null", ""])
def test_a_patch_is_an_object(api: Invoices, patch: str) -> None:
    made = api.make()
    before = everything()
    answer = api.client.patch(
        api.url(f"/{made['id']}"),
        patch.encode(),
        content_type="application/json",
        HTTP_IF_MATCH='"v1"',
    )
    assert (answer.status_code, api.pointers(answer)) == (400, [""])
    assert everything() == before


@pytest.mark.parametrize("content_type", ["application/json", MERGE_PATCH, f"{MERGE_PATCH}; charset=utf-8"])
def test_a_patch_may_call_itself_a_merge_patch(api: Invoices, content_type: str) -> None:
    made = api.make()
    answer = api.client.patch(
        api.url(f"/{made['id']}"),
        b'{"due_date": "2027-01-01"}',
        content_type=content_type,
        HTTP_IF_MATCH='"v1"',
    )
    assert answer.status_code == 200, answer.content


def test_v1_takes_the_last_write(v1: Invoices) -> None:
    made = v1.make()
    for terms in ("first", "second"):
        v1.changed(made, {"payment_terms": terms})
    assert v1.read(made["id"])["payment_terms"] == "second"


def test_v2_wants_the_version_it_changes(v2: Invoices) -> None:
    made = v2.make()
    before = everything()
    url, change = v2.url(f"/{made['id']}"), {"payment_terms": "X"}
    missing = v2.client.patch(url, change)
    assert (missing.status_code, v2.code(missing)) == (428, "precondition-required")
    for tag in ('"v2"', '"v0"', "*", 'W/"v1"', "v1", '"v1", "v2"', ""):
        stale = v2.client.patch(url, change, HTTP_IF_MATCH=tag)
        assert stale.status_code == 412, tag
    assert everything() == before


def test_of_two_changes_to_one_version_the_second_is_refused(v2: Invoices) -> None:
    made = v2.make()
    changed = v2.patch(made, {"payment_terms": "first"})
    assert changed.headers["ETag"] == '"v2"'
    refused = v2.patch(made, {"payment_terms": "second"})
    assert (refused.status_code, v2.code(refused)) == (412, "version-mismatch")
    assert v2.read(made["id"])["payment_terms"] == "first"


def test_a_read_that_has_this_version_is_answered_without_a_body(v2: Invoices) -> None:
    made = v2.make()
    first = v2.get(f"/{made['id']}")
    tag = first.headers["ETag"]
    for known in (tag, f"W/{tag}", f'"v9", {tag}', "*"):
        answer = v2.get(f"/{made['id']}", HTTP_IF_NONE_MATCH=known)
        assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", tag)
    v2.changed(made, {"payment_terms": "X"})
    assert v2.get(f"/{made['id']}", HTTP_IF_NONE_MATCH=tag).status_code == 200


def test_a_draft_is_deleted_with_its_lines(api: Invoices) -> None:
    before = everything()
    made = api.make()
    assert api.delete(made["id"]).status_code == 204
    assert api.get(f"/{made['id']}").status_code == 404
    assert api.delete(made["id"]).status_code == 404
    assert everything() == before


def test_v2_deletes_the_version_that_is_named(v2: Invoices) -> None:
    made = v2.make()
    assert v2.delete(made["id"], HTTP_IF_MATCH='"v7"').status_code == 412
    assert v2.read(made["id"]) == made
    assert v2.delete(made["id"], HTTP_IF_MATCH='"v1"').status_code == 204


def test_an_issued_document_is_neither_changed_nor_deleted(api: Invoices) -> None:
    made = {"version": 1, **api.make(issue=True)}
    before = everything()
    for refused in (
        api.patch(made, {"payment_terms": "X"}),
        api.patch(made, {"lines": [a_line(tax={"category": "S", "rate": "7"})]}),
        api.delete(made["id"], HTTP_IF_MATCH='"v1"'),
    ):
        assert (refused.status_code, api.code(refused)) == (409, "not-a-draft")
    assert everything() == before
