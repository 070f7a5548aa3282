"""Crediting, cancelling and voiding in the browser, and issuing what was drafted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse

from invoicing.domain.credit_request import Asked, CreditKind, LineAsked
from invoicing.domain.creditable import major
from invoicing.domain.record import LineRecord
from invoicing.selectors.credits import Creditable, get_creditable
from invoicing.selectors.invoices import get_invoice
from invoicing.services import crediting, issuing, voiding
from invoicing.services.crediting import Credit
from invoicing.web.formatting import word
from tenants import ids
from tenants.capabilities import INVOICES_ISSUE, INVOICES_VOID, INVOICES_WRITE
from tenants.errors import DomainError, FieldError, InvalidInput
from tenants.http.permissions import ensure_capability
from tenants.http.query import parse_query
from tenants.http.values import Amount, BadValue, PlainDecimal, Price, Quantity, line
from tenants.web.actions import ActionPage, Form, form_of

Reason = Annotated[str, line(500)]
# What can be said of a line, and how the fields of the form are called: "quantity-iln_…".
_OF_A_LINE: dict[str, type[PlainDecimal]] = {"quantity": Quantity, "amount": Amount, "unit_price": Price}


class CreditForm(Form, kw_only=True):
    """The form without what it says of lines."""

    way: Literal["full", "lines", "amount"] = "lines"
    amount: Amount | None = None
    reason: Reason | None = None
    issue_date: date | None = None
    action: Literal["issue", "draft"] = "issue"


class CancelForm(Form, kw_only=True):
    reason: Reason | None = None


class VoidForm(Form, kw_only=True):
    reason: Reason


@dataclass(frozen=True, slots=True)
class LineField:
    """One line of the form: what is left of it, and what was typed; `fields` are (name, value)."""

    record: LineRecord
    quantity: Decimal
    net: Decimal
    fields: tuple[tuple[str, str], ...]
    fault: str


class CreditPage(ActionPage):
    """What is left of an invoice, to be credited by lines, by an amount or in full."""

    capability: ClassVar = INVOICES_WRITE

    def get(self, request: HttpRequest, invoice_id: str) -> HttpResponseBase:
        del request
        return self.render("invoicing/credit.html", self._context(_creditable(invoice_id), QueryDict(), {}))

    def post(self, request: HttpRequest, invoice_id: str) -> HttpResponseBase:
        creditable = _creditable(invoice_id)
        try:
            note = self._credit(request.POST, creditable)
        except DomainError as error:
            faults = {fault.pointer.lstrip("?/"): fault.detail for fault in error.errors}
            context = self._context(creditable, request.POST, _by_line(faults, request.POST))
            return self.refused(error, "invoicing/credit.html", context)
        done = f"{word(note.type)} {note.number or '(draft)'} was made."
        return self.attempt(lambda: None, done=done, back=_page_of(note.id))

    def _credit(self, posted: QueryDict, creditable: Creditable) -> Any:
        form, lines = _read(posted)
        issue = form.action == "issue"
        if issue:
            ensure_capability(INVOICES_ISSUE)
        asked = Asked(CreditKind.FULL)
        if form.way == "lines":
            asked = Asked(CreditKind.LINES, tuple(lines))
        elif form.way == "amount":
            asked = Asked(CreditKind.AMOUNT, amount=form.amount)
        credit = Credit(asked, form.reason or "", None, form.issue_date)
        return crediting.credit_invoice(invoice_id=creditable.invoice.id, credit=credit, issue=issue)

    def _context(self, creditable: Creditable, posted: QueryDict, faults: dict[str, str]) -> dict[str, Any]:
        invoice, left = creditable.invoice, creditable.left
        return {
            "record": invoice,
            "lines": [
                LineField(
                    record,
                    stands.quantity,
                    major(stands.net, invoice.currency),
                    tuple((name, posted.get(_field(name, record.id), "")) for name in _OF_A_LINE),
                    faults.get(ids.encode("iln", record.id), ""),
                )
                for record, stands in zip(invoice.lines, left.lines, strict=True)
            ],
            "faulty_line": any(name.startswith("iln_") for name in faults),
            "left": major(left.gross, invoice.currency),
            "stated": {name: posted.get(name, "") for name in ("way", "amount", "reason", "issue_date")},
        }


class CancelInvoice(ActionPage):
    """All that is left of an invoice is credited."""

    capability: ClassVar = {"POST": INVOICES_ISSUE}

    def post(self, request: HttpRequest, invoice_id: str) -> HttpResponseBase:
        record = get_invoice(invoice_id=ids.decode("inv", invoice_id))

        def cancel() -> None:
            reason = form_of(request, CancelForm).reason or ""
            crediting.cancel_invoice(invoice_id=record.id, reason=reason)

        done = f"{word(record.type)} {record.number} was cancelled by a credit note."
        return self.attempt(cancel, done=done, back=_page_of(record.id))


class VoidInvoice(ActionPage):
    """A document that has not left the house is void."""

    capability: ClassVar = {"POST": INVOICES_VOID}

    def post(self, request: HttpRequest, invoice_id: str) -> HttpResponseBase:
        record = get_invoice(invoice_id=ids.decode("inv", invoice_id))

        def void() -> None:
            voiding.void_invoice(invoice_id=record.id, reason=form_of(request, VoidForm).reason)

        done = f"{word(record.type)} {record.number} is void."
        return self.attempt(void, done=done, back=_page_of(record.id))


class IssueDraft(ActionPage):
    """A draft gets its number and is frozen."""

    capability: ClassVar = {"POST": INVOICES_ISSUE}

    def post(self, request: HttpRequest, invoice_id: str) -> HttpResponseBase:
        record = get_invoice(invoice_id=ids.decode("inv", invoice_id))

        def issue() -> None:
            form_of(request, Form)
            issuing.issue_invoice(invoice_id=record.id)

        return self.attempt(issue, done="It was issued.", back=_page_of(record.id))


def _creditable(invoice_id: str) -> Creditable:
    return get_creditable(invoice_id=ids.decode("inv", invoice_id))


def _page_of(invoice_id: UUID) -> str:
    return reverse("page-invoice", args=[ids.encode("inv", invoice_id)])


def _field(name: str, line_id: UUID) -> str:
    return f"{name}-{ids.encode('iln', line_id)}"


def _read(posted: QueryDict) -> tuple[CreditForm, list[LineAsked]]:
    """The form, and what it asks of lines; a line with nothing typed is not asked for.

    Raises InvalidInput with every fault, those of lines under their ids.
    """
    rest = posted.copy()
    stated: dict[str, dict[str, Decimal]] = {}
    faults: list[FieldError] = []
    for key in posted:
        name, _, line_id = key.partition("-")
        if name not in _OF_A_LINE or not line_id:
            continue
        del rest[key]
        if not (text := str(posted[key]).strip()):
            continue
        try:
            stated.setdefault(line_id, {})[name] = _OF_A_LINE[name].parse(text)
        except BadValue as error:
            faults.append(FieldError(f"/{line_id}", error.code, str(error)))
    if faults:
        raise InvalidInput(faults)
    return parse_query(rest, CreditForm), [
        LineAsked(ids.decode("iln", line_id), **values) for line_id, values in stated.items()
    ]


def _by_line(faults: dict[str, str], posted: QueryDict) -> dict[str, str]:
    """Faults of the service, which counts the lines asked for, under the ids of lines."""
    asked = list(_asked_ids(posted))
    found = {}
    for pointer, detail in faults.items():
        parts = pointer.split("/")
        if parts[0] == "lines" and len(parts) > 1 and parts[1].isdecimal() and int(parts[1]) < len(asked):
            found[asked[int(parts[1])]] = detail
        else:
            found[parts[0]] = detail
    return found


def _asked_ids(posted: QueryDict) -> Iterable[str]:
    keys = (key.partition("-") for key in posted if str(posted[key]).strip())
    return dict.fromkeys(line_id for name, _, line_id in keys if name in _OF_A_LINE and line_id)
