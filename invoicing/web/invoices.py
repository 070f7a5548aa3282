"""The list of documents."""

from dataclasses import fields, replace
from datetime import date
from typing import Any, ClassVar, Literal
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from invoicing.domain.lifecycle import PaymentState, State
from invoicing.selectors.invoice_lists import InvoiceFilter, list_invoices
from invoicing.selectors.parties import get_customer
from tenants.capabilities import INVOICES_READ
from tenants.errors import FieldError, InvalidInput, NotFound
from tenants.http.pagination import InvalidCursor, decode_cursor, encode_cursor
from tenants.http.query import parse_query
from tenants.http.values import Body, Reference, Text
from tenants.web.pages import Page

PAGE_SIZE = 25
RESULTS = "results"
_LISTING = "page-invoices"
_DATES = {
    "issued_from": "Issued from",
    "issued_to": "Issued until",
    "due_from": "Due from",
    "due_to": "Due until",
}
_LABELS = {**_DATES, "q": "Number or customer", "payment_status": "Payment", "cursor": "Page"}


class CustomerId(Reference):
    prefix = "cus"


class InvoiceListQuery(Body, kw_only=True):
    """What can be asked for; the form has a field for each but `customer`, which links set."""

    q: Text | None = None
    status: Literal["draft", "issued", "voided"] | None = None
    payment_status: Literal["unpaid", "partially_paid", "paid"] | None = None
    overdue: bool | None = None
    customer: CustomerId | None = None
    issued_from: date | None = None
    issued_to: date | None = None
    due_from: date | None = None
    due_to: date | None = None
    cursor: str | None = None

    def filters(self) -> InvoiceFilter:
        names = {each.name for each in fields(InvoiceFilter)} & set(self.__struct_fields__)
        return InvoiceFilter(**{name: getattr(self, name) for name in names})


class InvoiceList(Page):
    """Invoices and credit notes, newest first; one statement for the rows of a page."""

    capability: ClassVar = INVOICES_READ

    def get(self, request: HttpRequest) -> HttpResponseBase:
        stated = {name: str(value) for name, value in request.GET.items() if value}
        context: dict[str, Any] = {
            "stated": stated,
            "states": [state.value for state in State],
            "payment_states": [state.value for state in PaymentState],
            "dates": [(name, label, stated.get(name, "")) for name, label in _DATES.items()],
            "has_dates": any(name in stated for name in _DATES),
        }
        try:
            query = parse_query(request.GET, InvoiceListQuery)
            context |= _page(query, stated)
        except (InvalidInput, InvalidCursor) as error:
            context["faults"] = [_told(fault) for fault in error.errors]
            return self._answer(context, status=400)
        return self._answer(context)

    def _answer(self, context: dict[str, Any], *, status: int = 200) -> HttpResponseBase:
        is_part = bool(self.htmx) and self.htmx.target == RESULTS
        template = "invoicing/results.html" if is_part else "invoicing/invoices.html"
        return self.render(template, {**context, "is_part": is_part}, status=status)


def _page(query: InvoiceListQuery, stated: dict[str, str]) -> dict[str, Any]:
    after = None
    if query.cursor is not None:
        after = decode_cursor(_LISTING, query.cursor, tuple[date | None, UUID])
    rows = list_invoices(filters=query.filters(), limit=PAGE_SIZE + 1, after=after)
    shown = rows[:PAGE_SIZE]
    used = {name: value for name, value in stated.items() if name != "cursor"}
    context: dict[str, Any] = {"rows": shown, "used": used, "is_later_page": after is not None}
    context["first_page"] = f"?{urlencode(used)}"
    if len(rows) > PAGE_SIZE:
        cursor = encode_cursor(_LISTING, (shown[-1].issue_date, shown[-1].id))
        context["next_page"] = f"?{urlencode({**used, 'cursor': cursor})}"
    if query.customer is not None:
        rest = {name: value for name, value in used.items() if name != "customer"}
        context |= {"customer": _name_of(query.customer), "all_customers": f"?{urlencode(rest)}"}
    return context


def _told(fault: FieldError) -> FieldError:
    """The same for people: the field as the form calls it, and no word of formats."""
    name = fault.pointer.removeprefix("?")
    detail = "This day is not in the calendar." if name in _DATES else fault.detail
    return replace(fault, pointer=_LABELS.get(name, name.capitalize()), detail=detail)


def _name_of(customer_id: UUID) -> str:
    try:
        return get_customer(customer_id=customer_id).name
    except NotFound:
        return "an unknown customer"
