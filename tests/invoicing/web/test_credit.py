"""Crediting, cancelling and voiding in the browser."""

import re
from typing import Any

import pytest

from invoicing.domain.record import InvoiceRecord
from invoicing.models import Invoice, LegalEntity
from tenants.ids import encode
from tenants.models import Membership, Tenant
from tests.factories import make_member, scope_of
from tests.factories.invoicing import a_line
from tests.factories.pages import PageClient, pages_of
from tests.invoicing.web.conftest import MakeInvoice


@pytest.fixture
def pages(acme_admin: Membership) -> PageClient:
    return pages_of(acme_admin)


@pytest.fixture
def invoice(make_invoice: MakeInvoice) -> InvoiceRecord:
    return make_invoice(lines=[a_line("10", "33.33"), a_line("1", "50")], issue=True)


def path_of(record: InvoiceRecord, action: str = "") -> str:
    return f"/invoices/{encode('inv', record.id)}{action and '/'}{action}"


def read(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def field(invoice: InvoiceRecord, name: str, place: int = 0) -> str:
    return f"{name}-{encode('iln', invoice.lines[place].id)}"


def notes(acme: Tenant) -> list[Invoice]:
    with scope_of(acme):
        return list(Invoice.objects.filter(type="credit_note").order_by("correction_number"))


def test_an_editor_credits_pieces_and_sees_what_is_left(acme: Tenant, invoice: InvoiceRecord) -> None:
    pages = pages_of(make_member(acme, role="editor"))
    form = read(pages.get(path_of(invoice, "credit")))
    assert "10 pcs 333.30 EUR" in form
    fields = {"way": "lines", field(invoice, "quantity"): "4", "reason": "came back", "action": "issue"}
    answer = pages.submit(path_of(invoice, "credit"), fields)
    (note,) = notes(acme)
    assert (answer.status_code, answer["Location"]) == (302, f"/invoices/{note.public_id}")
    shown = read(pages.get(answer["Location"]))
    assert f"corrects invoice {invoice.number}" in shown
    assert "Reason: came back" in shown
    assert "residual" not in shown.split("How each total")[0]
    of_invoice = read(pages.get(path_of(invoice)))
    assert str(note.number) in of_invoice
    assert "Left to credit: 297.48 EUR with tax." in of_invoice


def test_a_draft_is_kept_and_issued_later(acme: Tenant, pages: PageClient, invoice: InvoiceRecord) -> None:
    answer = pages.submit(path_of(invoice, "credit"), {"way": "amount", "amount": "20", "action": "draft"})
    (draft,) = notes(acme)
    assert draft.state == "draft"
    assert "Issue this credit note" in read(pages.get(answer["Location"]))
    pages.submit(f"{answer['Location']}/issue")
    assert notes(acme)[0].state == "issued"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"way": "lines"}, "Name at least one line"),
        ({"way": "lines", "quantity": "11"}, "more than is left"),
        ({"way": "lines", "quantity": "one"}, "Expected plain digits"),
        ({"way": "lines", "quantity": "1", "amount": "1"}, "An amount stands alone"),
        ({"way": "amount"}, "State an amount above zero"),
        ({"way": "amount", "amount": "1e5"}, "Expected plain digits"),
        ({"way": "everything"}, ""),
    ],
)
def test_what_cannot_be_credited_is_told_in_the_form(
    acme: Tenant, pages: PageClient, invoice: InvoiceRecord, fields: dict[str, str], told: str
) -> None:
    of_line = {"quantity": field(invoice, "quantity"), "amount": field(invoice, "amount")}
    is_lines = fields["way"] == "lines"
    sent = {of_line.get(name, name) if is_lines else name: value for name, value in fields.items()}
    answer = pages.submit(path_of(invoice, "credit"), {**sent, "reason": "typed before"})
    assert answer.status_code in (400, 409)
    assert told in read(answer)
    assert 'value="typed before"' in answer.content.decode()
    assert notes(acme) == []


def test_an_invoice_is_cancelled_after_which_nothing_is_left(
    acme: Tenant, pages: PageClient, invoice: InvoiceRecord
) -> None:
    pages.submit(path_of(invoice, "cancel"), {"reason": "ordered twice"})
    shown = read(pages.get(path_of(invoice)))
    assert "was cancelled by a credit note" in shown
    assert "Nothing is left to credit." in shown
    assert "Cancel this invoice" not in shown
    pages.submit(path_of(invoice, "cancel"))
    assert "has been credited in full" in read(pages.get(path_of(invoice)))
    assert len(notes(acme)) == 1


def test_voiding_is_offered_where_it_is_possible_only(
    acme: Tenant, pages: PageClient, invoice: InvoiceRecord
) -> None:
    assert "Void this document" not in read(pages.get(path_of(invoice)))
    pages.submit(path_of(invoice, "void"), {"reason": "wrong"})
    assert "cancel it by a credit note instead" in read(pages.get(path_of(invoice)))
    with scope_of(acme):
        LegalEntity.objects.update(may_void=True)
    assert "Void this document" in read(pages.get(path_of(invoice)))
    pages.submit(path_of(invoice, "void"), {"reason": "wrong customer"})
    shown = read(pages.get(path_of(invoice)))
    assert "is void." in shown
    assert "Credit notes" not in shown


def test_a_foreign_invoice_looks_missing(pages: PageClient, globex_invoice: InvoiceRecord) -> None:
    assert pages.get(path_of(globex_invoice, "credit")).status_code == 404
    for action in ("credit", "cancel", "void", "issue"):
        assert pages.submit(path_of(globex_invoice, action), {"reason": "x"}).status_code == 404


def test_a_viewer_is_offered_nothing(acme: Tenant, invoice: InvoiceRecord) -> None:
    with scope_of(acme):
        LegalEntity.objects.update(may_void=True)
    shown = read(pages_of(make_member(acme, role="viewer")).get(path_of(invoice)))
    assert "Left to credit: 456.13 EUR" in shown
    for offer in ("Credit…", "Cancel this invoice", "Void this document"):
        assert offer not in shown
