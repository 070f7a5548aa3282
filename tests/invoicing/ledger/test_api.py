"""The ledger over both versions: what is posted is what is shown, and a refusal leaves no trace."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.db import connections
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from invoicing.domain.document import DocumentType
from invoicing.models import Allocation, Invoice, LegalEntity, Payment, Refund, Reversal, WriteOff
from invoicing.services.voiding import void_invoice
from tenants import ids
from tenants.models import Tenant
from tests.factories import ApiClient, scope_of
from tests.factories.invoicing import make_customer
from tests.factories.ledger import days_ago, make_issued, make_payment, share

Json = dict[str, Any]


@dataclass
class Books:
    """One version as one client sees it; money is said as the version says it."""

    client: ApiClient
    version: str
    customer: str

    def money(self, amount: Any, currency: str = "EUR") -> Json:
        if self.version == "v1":
            return {"amount": amount, "currency": currency}
        return {"amount": {"amount": amount, "currency": currency}}

    def share(self, document: Invoice, amount: Any) -> Json:
        stated = amount if self.version == "v1" else {"amount": amount, "currency": document.currency}
        return {"invoice": document.public_id, "amount": stated}

    def payment(self, amount: str = "100", **changes: Any) -> Json:
        return {"customer": self.customer, **self.money(amount), **changes}

    def post(self, path: str, body: Any, **headers: str) -> HttpResponse:
        answer: HttpResponse = self.client.post(f"/api/{self.version}/{path}", body, **headers)  # type: ignore[arg-type]
        return answer

    def made(self, path: str, body: Any) -> Any:
        answer = self.post(path, body)
        assert answer.status_code == 201, answer.content
        return self.data(answer)

    def read(self, path: str) -> Any:
        answer = self.client.get(f"/api/{self.version}/{path}")
        assert answer.status_code == 200, answer.content
        return self.data(answer)

    def data(self, answer: Any) -> Any:
        body = answer.json()
        return body["data"] if self.version == "v1" else body

    def rows(self, path: str) -> list[Json]:
        data = self.read(path)
        rows: list[Json] = data["items"] if self.version == "v1" else data["data"]
        return rows

    def amount(self, row: Json, name: str = "amount") -> tuple[str, str]:
        if self.version == "v1":
            return row[name], row["currency"]
        return row[name]["amount"], row[name]["currency"]

    def code(self, answer: Any) -> str:
        body = answer.json()
        code: str = body["code"] if self.version == "v2" else body["error"].lower().replace("_", "-")
        return code


@pytest.fixture(params=["v1", "v2"])
def books(request: pytest.FixtureRequest, acme_client: ApiClient, customer: UUID) -> Books:
    """An admin of acme in either version."""
    return Books(acme_client, request.param, ids.encode("cus", customer))


def everything() -> list[Any]:
    models = (Payment, Allocation, Refund, WriteOff, Reversal, Invoice)
    return [list(model.objects.order_by("id").values()) for model in models]


def test_money_comes_settles_goes_back_and_is_taken_back(books: Books, customer: UUID) -> None:
    first, second = make_issued(customer, "100"), make_issued(customer, "50")
    paid = books.made(
        "payments",
        books.payment("160", allocations=[books.share(first, "100")], reference="R 17", method="card"),
    )
    assert books.amount(paid, "unallocated") == ("60.00", "EUR")
    extra = {"currency": "EUR"} if books.version == "v1" else {}
    made = books.made(
        f"payments/{paid['id']}/allocate", {"allocations": [books.share(second, "45")], **extra}
    )
    allocation = (made if books.version == "v1" else made["data"])[0]
    assert books.amount(allocation) == ("45.00", "EUR")
    refund = books.made(f"payments/{paid['id']}/refund", {**books.money("5"), "reason": "too much"})
    assert (books.amount(refund), refund["reason"]) == (("5.00", "EUR"), "too much")
    back = books.made(f"allocations/{allocation['id']}/reverse", {"reason": "wrong", **books.money("15")})
    assert (back["kind"], books.amount(back)) == ("allocation", ("15.00", "EUR"))
    assert books.amount(books.read(f"allocations/{allocation['id']}"), "reversed") == ("15.00", "EUR")
    returned = books.made(f"payments/{paid['id']}/return", {"kind": "chargeback", "reason": "10.4"})
    assert (returned["kind"], books.amount(returned)) == ("chargeback", ("155.00", "EUR"))
    shown = books.read(f"payments/{paid['id']}")
    assert [
        books.amount(shown, name)[0] for name in ("allocated", "refunded", "returned", "unallocated")
    ] == [
        "0.00",
        "5.00",
        "155.00",
        "0.00",
    ]
    assert [len(shown[name]) for name in ("allocations", "refunds", "returns")] == [2, 1, 1]
    mistake = books.made("payments", books.payment("1"))
    taken = books.made(f"payments/{mistake['id']}/reverse", {"reason": "typed twice"})
    assert taken["kind"] == "mistake"


def test_a_document_says_what_is_open_of_it(books: Books, customer: UUID) -> None:
    document, void = make_issued(customer, "100"), make_issued(customer, "30")
    LegalEntity.objects.update(may_void=True)
    void_invoice(invoice_id=void.id, reason="entered twice")

    def balances(of: Invoice) -> set[str | None]:
        shown = books.read(f"invoices/{of.public_id}")
        listed = [row for row in books.rows("invoices") if row["id"] == of.public_id]
        return {shown["balance"], *(row["balance"] for row in listed)}

    assert balances(document) == {"100.00"}
    books.made("payments", books.payment("60", allocations=[books.share(document, "60")]))
    assert balances(document) == {"40.00"}
    books.made(f"invoices/{document.public_id}/write-off", {**books.money("40"), "reason": "small"})
    assert balances(document) == {"0.00"}
    assert balances(void) == {"0.00"}
    line = {"description": "x", "quantity": "1", "unit_price": "1", "tax": {"category": "Z", "rate": "0"}}
    draft = books.made("invoices", {"customer": books.customer, "currency": "EUR", "lines": [line]})
    assert draft["balance"] is None


def test_a_credit_note_settles_and_is_paid_back(books: Books, customer: UUID) -> None:
    document = make_issued(customer, "100")
    note = make_issued(customer, "60", type=DocumentType.CREDIT_NOTE)
    body = {"credit_note": note.public_id, "invoice": document.public_id, **books.money("40")}
    made = books.made("allocations", body)
    assert (made["credit_note"], made["payment"]) == (note.public_id, None)
    assert books.rows(f"allocations?invoice={document.public_id}") == [made]
    refund = books.made(f"invoices/{note.public_id}/refund", books.money("20"))
    assert refund["credit_note"] == note.public_id
    both = {**body, "payment": make_payment(customer).public_id}
    neither = {name: value for name, value in body.items() if name != "credit_note"}
    for wrong in (both, neither):
        assert books.post("allocations", wrong).status_code == 400


def test_an_editor_writes_off_within_the_limit_and_an_admin_beyond(
    books: Books, customer: UUID, client_as: Callable[[str], ApiClient]
) -> None:
    document = make_issued(customer, "100")
    LegalEntity.objects.update(write_off_limit=2)
    path = f"invoices/{document.public_id}/write-off"
    editor = Books(client_as("editor"), books.version, books.customer)
    before = everything()
    refused = editor.post(path, {"reason": "insolvent"})
    assert (refused.status_code, editor.code(refused)) == (403, "above-write-off-limit")
    assert everything() == before
    editor.made(path, {"reason": "cents", **books.money("2")})
    made = books.made(path, {"reason": "insolvent"})
    assert books.amount(made) == ("98.00", "EUR")
    assert len(books.rows(f"write-offs?invoice={document.public_id}")) == 2
    back = books.made(f"write-offs/{made['id']}/reverse", {"reason": "they pay"})
    assert (back["kind"], back["write_off"]) == ("write_off", made["id"])


def test_the_limit_is_a_setting_of_the_legal_entity(books: Books) -> None:
    stated = {"name": "Acme France", "country": "FR", "currency": "EUR"}
    made = books.made("legal-entities", {**stated, "write_off_limit": "5.00"})
    assert made["write_off_limit"] == "5.00"
    assert books.made("legal-entities", stated)["write_off_limit"] == "0"
    assert books.post("legal-entities", {**stated, "write_off_limit": "-1"}).status_code == 400


NUMBERS = [
    "NaN",
    "sNaN",
    "Infinity",
    "-Infinity",
    "1e309",
    "1E+2",
    0.1,
    -0.0,
    "-0",
    "0",
    "-1",
    "1_000",
    "\u0661\u0662",
    "\uff11",
    " 5\n",
    "+5",
    "05",
    "",
    True,
    [],
    None,
    "9" * 5000,
    "0." + "1" * 5000,
    10**15,
    "1.001",
    "1.00001",
]


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: repr(number)[:12])
def test_an_amount_that_is_none_is_refused_everywhere(books: Books, customer: UUID, number: Any) -> None:
    document, paid = make_issued(customer), make_payment(customer)
    before = everything()
    extra = {"currency": "EUR"} if books.version == "v1" else {}
    calls = {
        "payments": books.payment(number),
        "allocations": {
            "payment": paid.public_id,
            "invoice": document.public_id,
            **books.money(number),
        },
        f"payments/{paid.public_id}/allocate": {"allocations": [books.share(document, number)], **extra},
        f"payments/{paid.public_id}/refund": books.money(number),
    }
    if number is not None:
        calls |= {
            f"payments/{paid.public_id}/return": {"reason": "x", **books.money(number)},
            f"invoices/{document.public_id}/write-off": {"reason": "x", **books.money(number)},
        }
    for path, body in calls.items():
        answer = books.post(path, body)
        assert answer.status_code == 400, (path, answer.content)
        assert b"amount" in answer.content
    assert everything() == before


@pytest.mark.parametrize(
    ("currency", "amount"), [("JPY", "1.50"), ("KWD", "1.2345"), ("ISK", "0.5"), ("EUR", "0.001")]
)
def test_an_amount_has_no_more_decimals_than_its_currency(books: Books, currency: str, amount: str) -> None:
    before = everything()
    answer = books.post("payments", {"customer": books.customer, **books.money(amount, currency)})
    assert answer.status_code == 400
    assert everything() == before


@pytest.mark.parametrize("currency", ["XYZ", "eur", "EURO", "", 978, None, "XAU"])
def test_a_currency_is_one_that_exists(books: Books, currency: Any) -> None:
    body = {"customer": books.customer, **books.money("1", currency)}
    assert books.post("payments", body).status_code == 400
    assert not Payment.objects.exists()


def test_what_the_books_do_not_allow_is_a_conflict(books: Books, customer: UUID) -> None:
    document, paid = make_issued(customer, "100"), make_payment(customer, "150")
    dollars = make_payment(customer, "100", currency="USD")
    before = everything()
    allocate = {"payment": paid.public_id, "invoice": document.public_id}
    cases: list[tuple[str, Json, str]] = [
        ("allocations", {**allocate, **books.money("100.01")}, "above-balance"),
        ("allocations", {**allocate, **books.money("1", "USD")}, "currency-mismatch"),
        (
            "allocations",
            {**allocate, "payment": dollars.public_id, **books.money("1", "USD")},
            "currency-mismatch",
        ),
        (f"payments/{paid.public_id}/refund", books.money("150.01"), "above-credit"),
        (f"payments/{paid.public_id}/return", {"reason": "x", **books.money("151")}, "above-payment"),
        (f"invoices/{document.public_id}/write-off", {"reason": "x", **books.money("101")}, "above-balance"),
        (f"invoices/{document.public_id}/refund", books.money("1"), "no-credit"),
        (
            f"payments/{paid.public_id}/refund",
            {**books.money("1"), "effective_date": days_ago(5).isoformat()},
            "effective-date-too-early",
        ),
    ]
    for path, body, code in cases:
        answer = books.post(path, body)
        assert (answer.status_code, books.code(answer)) == (409, code), path
    assert everything() == before


@pytest.mark.parametrize("day", ["2026-02-29", "0000-01-01", "20260101", "tomorrow", "2999-01-01", 5])
def test_a_day_is_one_that_was(books: Books, day: Any) -> None:
    before = everything()
    assert books.post("payments", books.payment(effective_date=day)).status_code == 400
    paths = ["receivables?as_of={}", f"customers/{books.customer}/account?as_of={{}}"]
    for path in (*paths, f"statements?customer={books.customer}&from=2026-01-01&to={{}}"):
        assert books.client.get(f"/api/{books.version}/{path.format(day)}").status_code == 400
    assert everything() == before


def test_unknown_members_and_unknown_documents_are_refused(
    books: Books, customer: UUID, globex: Tenant
) -> None:
    before = everything()
    nowhere = ids.encode("inv", ids.uuid7())
    for body in (
        books.payment(tenant_id=str(globex.id)),
        books.payment(allocated="5"),
        books.payment(customer=ids.encode("cus", ids.uuid7())),
        books.payment(legal_entity=ids.encode("le", ids.uuid7())),
        books.payment(allocations=[]),
        books.payment(allocations=[{**books.share(make_issued(customer), "1"), "invoice": nowhere}]),
        books.payment(method="barter"),
        books.payment(reference="two\nlines"),
    ):
        assert books.post("payments", body).status_code == 400, body
    assert everything()[0] == before[0]


def test_a_refusal_points_at_the_share_it_is_about(books: Books, customer: UUID) -> None:
    fine, note = make_issued(customer, "100"), make_issued(customer, "5", type=DocumentType.CREDIT_NOTE)
    paid = make_payment(customer, "100")
    of_others = make_issued(make_customer(name="Initech").id, "100")
    dollars = make_issued(customer, "100", currency="USD")
    extra = {"currency": "EUR"} if books.version == "v1" else {}

    def pointer(answer: Any) -> str:
        assert answer.status_code in (400, 409), answer.content
        told = answer.json()
        named: list[str] = [*told["fields"]] if books.version == "v1" else [told["errors"][0]["pointer"]]
        return named[0].replace(".", "/").lstrip("/")

    for wrong, member in (
        (books.share(fine, "100.01"), "amount"),
        (books.share(of_others, "1"), "invoice"),
        (books.share(note, "1"), "invoice"),
        (books.share(dollars, "1"), "amount"),
        ({**books.share(fine, "1"), "invoice": ids.encode("inv", ids.uuid7())}, "invoice"),
    ):
        shares = [books.share(make_issued(customer, "10"), "1"), wrong]
        before = everything()
        answer = books.post(f"payments/{paid.public_id}/allocate", {"allocations": shares, **extra})
        assert pointer(answer) == f"allocations/1/{member}"
        assert everything() == before
    alone = {"payment": paid.public_id, "invoice": note.public_id, **books.money("1")}
    assert pointer(books.post("allocations", alone)) == "invoice"
    assert pointer(books.post(f"payments/{paid.public_id}/refund", books.money("101"))) == "amount"
    beyond = {"reason": "x", **books.money("101")}
    for path in (f"payments/{paid.public_id}/return", f"invoices/{fine.public_id}/write-off"):
        assert pointer(books.post(path, beyond)) == "amount"


def test_receivables_accounts_and_statements_say_what_is_open(books: Books, customer: UUID) -> None:
    document = make_issued(customer, "100", issued=days_ago(50), due_date=days_ago(40))
    make_payment(customer, "30", received=days_ago(5), shares=[share(document, "20")])
    told = books.read("receivables")
    items = told["items"] if books.version == "v1" else told["data"]
    assert [(item["type"], books.amount(item, "open")[0], item["days_overdue"]) for item in items] == [
        ("invoice", "80.00", 40),
        ("payment", "-10.00", 0),
    ]
    (totals,) = told["totals"]
    assert (totals["days_31_60"], totals["credit"], totals["total"]) == ("80.00", "-10.00", "70.00")
    assert told["is_final"] is False
    account = books.read(f"customers/{books.customer}/account")
    assert [account["accounts"][0][name] for name in ("balance", "overdue")] == ["70.00", "80.00"]
    period = f"from={days_ago(9)}&to={days_ago(0)}"
    statement = books.read(f"statements?customer={books.customer}&{period}")
    (sheet,) = statement["statements"]
    assert books.amount({**sheet, "currency": "EUR"}, "opening")[0] == "100.00"
    assert [line["type"] for line in sheet["lines"]] == ["payment"]
    assert (statement["from"], statement["to"]) == (days_ago(9).isoformat(), days_ago(0).isoformat())
    missing = books.client.get(f"/api/{books.version}/customers/{ids.encode('cus', ids.uuid7())}/account")
    assert missing.status_code == 404


def test_lists_are_filtered_and_paged_without_a_gap(books: Books, customer: UUID) -> None:
    made = [make_payment(customer, "10", received=days_ago(age % 3)) for age in range(7)]
    document = make_issued(customer, "100")
    for one in made:
        books.made(
            "allocations",
            {"payment": one.public_id, "invoice": document.public_id, **books.money("1")},
        )
    for path, count in (("payments", 7), ("allocations", 7), ("receivables", 8)):
        whole = [row["id"] for row in books.rows(path)]
        assert len(set(whole)) == count
        assert _walk(books, path) == whole
    assert books.rows(
        f"payments?received_from={days_ago(0)}&unallocated=true&currency=EUR&method=bank_transfer"
    )
    assert books.rows("payments?unallocated=false") == []
    assert books.client.get(f"/api/{books.version}/payments?ordering=amount").status_code == 400


def _walk(books: Books, path: str) -> list[str]:
    """All pages of two."""
    found: list[str] = []
    if books.version == "v1":
        for page in range(1, 10):
            found += [row["id"] for row in books.rows(f"{path}?page={page}&page_size=2")]
        return found
    cursor = ""
    while True:
        data = books.read(f"{path}?limit=2&cursor={cursor}")
        found += [row["id"] for row in data["data"]]
        if not data["has_more"]:
            return found
        cursor = data["next_cursor"]


def test_a_payment_bears_an_entity_tag_in_v2(acme_client: ApiClient, customer: UUID) -> None:
    paid, document = make_payment(customer, "100"), make_issued(customer, "100")
    url = f"/api/v2/payments/{paid.public_id}"
    tag = acme_client.get(url).headers["ETag"]
    assert acme_client.get(url, HTTP_IF_NONE_MATCH=tag).status_code == 304
    body = {"allocations": [{"invoice": document.public_id, "amount": {"amount": "1", "currency": "EUR"}}]}
    assert acme_client.post(f"{url}/allocate", body).status_code == 201
    assert acme_client.get(url, HTTP_IF_NONE_MATCH=tag).status_code == 200


def test_a_repeated_posting_has_one_effect(books: Books, customer: UUID) -> None:
    answers = [books.post("payments", books.payment(), HTTP_IDEMPOTENCY_KEY="k-1") for _ in range(3)]
    assert {answer.status_code for answer in answers} == {201}
    assert len({books.data(answer)["id"] for answer in answers}) == 1
    assert Payment.objects.filter(customer_id=customer).count() == 1


@pytest.fixture
def cost(books: Books) -> Callable[[Callable[[], object]], int]:
    """How many statements a call costs on all connections, authentication and transactions left out."""
    books.read("payments")

    def count(call: Callable[[], object]) -> int:
        with ExitStack() as stack:
            counted = [
                stack.enter_context(CaptureQueriesContext(connections[alias])) for alias in connections
            ]
            call()
            return sum(
                not query["sql"].lower().startswith(("select set_config", "begin", "commit"))
                for capture in counted
                for query in capture.captured_queries
            )

    return count


def test_allocating_costs_as_much_for_twenty_documents_as_for_one(
    books: Books, customer: UUID, cost: Callable[[Callable[[], object]], int]
) -> None:
    paid = make_payment(customer, "1000")
    documents = [make_issued(customer, "10") for _ in range(21)]
    extra = {"currency": "EUR"} if books.version == "v1" else {}

    def allocate(some: list[Invoice]) -> object:
        body = {"allocations": [books.share(one, "1") for one in some], **extra}
        return books.made(f"payments/{paid.public_id}/allocate", body)

    # Whether the payment is there, the ledger's lock, the payment, the documents, and what writes.
    assert [cost(lambda: allocate(documents[:1])), cost(lambda: allocate(documents[1:]))] == [5, 5]


def test_lists_cost_as_much_for_many_rows_as_for_one(
    books: Books, customer: UUID, cost: Callable[[Callable[[], object]], int]
) -> None:
    document = make_issued(customer, "100")
    for _ in range(12):
        make_payment(customer, "5", shares=[share(document, "1")])
    size = "page_size" if books.version == "v1" else "limit"
    counting = 1 if books.version == "v1" else 0
    # Receivables ask once a page who stands for customers that were merged.
    for path, statements in (("payments", 1), ("allocations", 1), ("receivables", 5)):
        costs = [cost(lambda rows=rows, path=path: books.rows(f"{path}?{size}={rows}")) for rows in (1, 12)]  # type: ignore[misc]
        assert costs == [statements + counting] * 2, path


def test_another_tenant_sees_none_of_it(
    books: Books, customer: UUID, globex: Tenant, globex_client: ApiClient
) -> None:
    document = make_issued(customer, "100")
    make_payment(customer, "50", shares=[share(document, "20")])
    theirs = Books(globex_client, books.version, books.customer)
    with scope_of(globex):
        for path in ("payments", "allocations", "write-offs", "receivables"):
            assert theirs.rows(path) == []
            assert theirs.rows(f"{path}?customer={books.customer}" if path == "payments" else path) == []
