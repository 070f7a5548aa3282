"""One document: what it says, how its totals came about, and what happened to it."""

import logging
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from audit.selectors import history_of
from invoicing.domain.creditable import major
from invoicing.domain.document import DocumentType
from invoicing.domain.explain_step import Step
from invoicing.domain.further import FurtherKind
from invoicing.domain.lifecycle import State, is_overdue
from invoicing.domain.record import InvoiceRecord, adjusted
from invoicing.selectors.calculations import explain_record
from invoicing.selectors.credits import creditable_of, is_voidable
from invoicing.selectors.invoices import get_invoice
from invoicing.selectors.parties import get_customer, get_legal_entity
from invoicing.web.formatting import word
from invoicing.web.history import Happening, told
from tenants import ids
from tenants.capabilities import INVOICES_READ
from tenants.disclosure import disclosed
from tenants.selectors.members import names_of
from tenants.web.pages import Page

logger = logging.getLogger(__name__)

# EN 16931's names of what is explained.
_TERMS = {
    "BT-92": "Allowance",
    "BT-99": "Charge",
    "BT-106": "Sum of line net amounts",
    "BT-107": "Sum of allowances",
    "BT-108": "Sum of charges",
    "BT-109": "Total without tax",
    "BT-110": "Total tax",
    "BT-111": "Total tax in tax currency",
    "BT-112": "Total with tax",
    "BT-115": "Amount due for payment",
    "BT-116": "Taxable amount",
    "BT-117": "Tax amount",
    "BT-131": "Line net amount",
    "BT-136": "Line allowance",
    "BT-141": "Line charge",
}


@dataclass(frozen=True, slots=True)
class Explained:
    """A step with a heading: the term's name, and which line or row it is about."""

    name: str
    step: Step
    is_rounded: bool


class InvoicePage(Page):
    """One invoice or credit note, to be read."""

    capability: ClassVar = INVOICES_READ

    def get(self, request: HttpRequest, invoice_id: str) -> HttpResponseBase:
        del request
        record = get_invoice(invoice_id=ids.decode("inv", invoice_id))
        context = {
            "record": record,
            "title": _title(record),
            "seller": _party(record.seller, lambda: get_legal_entity(legal_entity_id=record.legal_entity)),
            "buyer": _party(record.buyer, lambda: get_customer(customer_id=record.customer)),
            "lines": [
                {
                    "record": line,
                    "allowances": adjusted(line.input.allowances, line.allowance_amounts),
                    "charges": adjusted(line.input.charges, line.charge_amounts),
                }
                for line in record.lines
            ],
            "allowances": adjusted(record.allowances, record.allowance_amounts),
            "charges": adjusted(record.charges, record.charge_amounts),
            "surcharges": [row for row in record.further if row.key.kind is FurtherKind.SURCHARGE],
            "withholdings": [row for row in record.further if row.key.kind is FurtherKind.WITHHOLDING],
            "steps": [_explained(step) for step in explain_record(record)],
            "overdue": is_overdue(
                state=record.state, payment=record.payment_state, due_date=record.due_date, today=self.today()
            ),
            "history": _history(record),
            **_corrections(record),
        }
        return self.render("invoicing/invoice.html", context)


def _title(record: InvoiceRecord) -> str:
    kind = word(record.type)
    return f"{kind} {record.number}" if record.number else f"Draft {kind.lower()}"


def _party(frozen: dict[str, Any] | None, current: Any) -> Any:
    """What was frozen at issue; in a draft what would be frozen now. Raises NotFound."""
    return current() if frozen is None else disclosed(frozen)


def _corrections(record: InvoiceRecord) -> dict[str, Any]:
    """What it corrects, what corrects it, what is left, and whether it could be voided."""
    context: dict[str, Any] = {"corrected": record.corrects}
    if record.state is not State.ISSUED:
        return context
    context["may_void"] = is_voidable(invoice_id=record.id)
    if record.type is DocumentType.INVOICE:
        creditable = creditable_of(record)
        context |= {
            "creditable": creditable,
            "notes": creditable.corrections,
            "left": major(creditable.left.gross, record.currency),
        }
    return context


def _explained(step: Step) -> Explained:
    parts = step.pointer.strip("/").split("/")
    place = next((int(part) + 1 for part in parts if part.isdecimal()), None)
    name = _TERMS.get(step.term, step.term)
    if parts[0] == "lines":
        name = f"Line {place}: {name[0].lower()}{name[1:]}"
    elif place is not None:
        name = f"{name} {place}"
    return Explained(name, step, step.unrounded != step.result)


def _history(record: InvoiceRecord) -> list[Happening] | None:
    """From the trail; None while its database does not answer, which must not hide the document."""
    try:
        entries = history_of(entity_type="invoicing.invoice", record_id=record.id)
    except (OperationalError, InterfaceError) as error:
        logger.warning("no history: %s", type(error.__cause__ or error).__name__)
        return None
    actors = {entry.modified_by for entry in entries}
    people = {actor: ids.decode("usr", actor) for actor in actors if actor.startswith("usr_")}
    names = names_of(user_ids=list(people.values())) if people else {}
    known = {actor: names[user_id] for actor, user_id in people.items() if user_id in names}
    return [told(entry, known) for entry in entries]
