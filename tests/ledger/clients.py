"""Clients that post to one tenant's ledger all at once, on the same few customers."""

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from django.db import DatabaseError, close_old_connections, connections

from invoicing.domain.document import DocumentType
from invoicing.domain.ledger import ReversalKind, Share
from invoicing.models import Allocation, Invoice, Payment, WriteOff
from invoicing.money import Money
from invoicing.services import allocating, receiving, refunding, returning, writing_off
from tenants.errors import DomainError
from tenants.models import Tenant
from tests.factories import make_tenant, scope_of
from tests.factories.invoicing import make_customer, make_legal_entity
from tests.factories.ledger import make_issued

T = TypeVar("T")

CURRENCY = "EUR"
RECENT = 8
WARM = 60


class NothingToDo(Exception):
    """The customer has nothing of the kind an operation needs; another one is drawn."""


@dataclass(frozen=True)
class Office:
    """A tenant and the customers that all clients work on."""

    tenant: Tenant
    customers: tuple[UUID, ...]

    @classmethod
    def make(cls, customers: int) -> "Office":
        tenant = make_tenant("ledger")
        with scope_of(tenant):
            make_legal_entity()
            made = tuple(make_customer().id for _ in range(customers))
            for customer in made:
                make_issued(customer, "100")
        return cls(tenant, made)


@dataclass
class Figures:
    """What a client did: operations by name and outcome, and how long they took in all."""

    done: Counter[str]
    refused: Counter[str]
    failed: Counter[str]
    seconds: float = 0.0

    @property
    def operations(self) -> int:
        return self.done.total() + self.refused.total()


def work(
    office: Office,
    seed: int,
    operations: int | None = None,
    *,
    seconds: float | None = None,
    warm: int = WARM,
    begin: Callable[[], object] | None = None,
) -> Figures:
    """One client on a connection of its own: so many postings, refused ones among them, or for so long.

    `begin` is called after `warm` postings that do not count: a session's first ones compile what later
    ones find. An error of the database, a deadlock for one, is counted under its SQLSTATE.
    """
    chance = random.Random(seed)
    figures = Figures(Counter(), Counter(), Counter())
    try:
        with scope_of(office.tenant):
            if begin is not None:
                cold = Figures(Counter(), Counter(), Counter())
                while cold.operations < warm:
                    _post_something(office, chance, cold)
                figures.failed = cold.failed
                begin()
            began = time.monotonic()
            while not _is_done(figures, began, operations, seconds):
                _post_something(office, chance, figures)
            figures.seconds = time.monotonic() - began
    finally:
        connections.close_all()
    return figures


def _is_done(figures: Figures, began: float, operations: int | None, seconds: float | None) -> bool:
    if operations is not None and figures.operations + figures.failed.total() >= operations:
        return True
    return seconds is not None and time.monotonic() - began >= seconds


def _post_something(office: Office, chance: random.Random, figures: Figures) -> None:
    names, weights = zip(*((name, weight) for name, (_, weight) in OPERATIONS.items()), strict=True)
    (name,) = chance.choices(names, weights)
    try:
        OPERATIONS[name][0](chance.choice(office.customers), chance)
        figures.done[name] += 1
    except NothingToDo:
        pass
    except DomainError as error:
        figures.refused[error.code] += 1
    except DatabaseError as error:
        state = getattr(error.__cause__, "sqlstate", None)
        figures.failed[f"{state} in {name}"] += 1
    finally:
        # As at the end of a request: where there is a pool the connection goes back to it.
        close_old_connections()


def _issue(customer: UUID, chance: random.Random) -> None:
    make_issued(customer, str(chance.randint(1, 500)))


def _issue_credit_note(customer: UUID, chance: random.Random) -> None:
    make_issued(customer, str(chance.randint(1, 100)), type=DocumentType.CREDIT_NOTE)


def _receive(customer: UUID, chance: random.Random) -> None:
    """Money that names up to three open invoices, and sometimes more than it is."""
    shares = _shares(customer, chance, most=3)
    total = sum((share.money.amount for share in shares), Decimal(0))
    amount = max(Decimal(1), total + chance.choice([0, 0, 10, 100, -1]))
    receiving.receive_payment(customer_id=customer, money=Money(amount, CURRENCY), shares=shares)


def _receive_on_account(customer: UUID, chance: random.Random) -> None:
    receiving.receive_payment(customer_id=customer, money=Money(Decimal(chance.randint(1, 900)), CURRENCY))


def _allocate(customer: UUID, chance: random.Random) -> None:
    payment = chance.choice(_payments_with_credit(customer))
    shares = _shares(customer, chance, most=3, within=payment.unallocated_amount)
    allocating.allocate_payment(payment_id=payment.id, shares=shares)


def _apply_credit(customer: UUID, chance: random.Random) -> None:
    note = chance.choice(_open_documents(customer, "credit_note"))
    left = note.payable - note.settled_amount
    shares = _shares(customer, chance, most=2, within=left)
    allocating.allocate_credit(credit_note_id=note.id, shares=shares)


def _reverse_allocation(customer: UUID, chance: random.Random) -> None:
    recent = Payment.objects.filter(customer_id=customer, allocated_amount__gt=0)
    payments = list(recent.order_by("-effective_date", "-id").values_list("id", flat=True)[:RECENT])
    found = _some(list(Allocation.objects.filter(payment_id__in=payments).order_by("-id")[:RECENT]))
    allocating.reverse_allocation(allocation_id=chance.choice(found).id, reason="taken back")


def _refund(customer: UUID, chance: random.Random) -> None:
    payment = chance.choice(_payments_with_credit(customer))
    amount = _part(payment.unallocated_amount, chance)
    refunding.refund_payment(payment_id=payment.id, money=Money(amount, CURRENCY))


def _refund_credit(customer: UUID, chance: random.Random) -> None:
    note = chance.choice(_open_documents(customer, "credit_note"))
    amount = _part(note.payable - note.settled_amount, chance)
    refunding.refund_credit(credit_note_id=note.id, money=Money(amount, CURRENCY))


def _write_off(customer: UUID, chance: random.Random) -> None:
    invoice = chance.choice(_open_documents(customer, "invoice"))
    amount = _part(invoice.payable - invoice.settled_amount, chance)
    writing_off.write_off_invoice(invoice_id=invoice.id, reason="small", money=Money(amount, CURRENCY))


def _reverse_write_off(customer: UUID, chance: random.Random) -> None:
    recent = Invoice.objects.filter(customer_id=customer).order_by("-issue_date", "-id")
    invoices = list(recent.values_list("id", flat=True)[:50])
    found = _some(list(WriteOff.objects.filter(invoice_id__in=invoices).order_by("-id")[:RECENT]))
    writing_off.reverse_write_off(write_off_id=chance.choice(found).id, reason="paid after all")


def _charge_back(customer: UUID, chance: random.Random) -> None:
    payment = chance.choice(_payments(customer))
    kind = chance.choice([ReversalKind.RETURN, ReversalKind.CHARGEBACK])
    part = None if chance.random() < 0.5 else Money(_part(payment.amount, chance), CURRENCY)
    returning.return_payment(payment_id=payment.id, kind=kind, reason="no funds", money=part)


def _reverse_payment(customer: UUID, chance: random.Random) -> None:
    payment = chance.choice(_payments(customer))
    returning.reverse_payment(payment_id=payment.id, reason="typed twice")


def _shares(
    customer: UUID, chance: random.Random, *, most: int, within: Decimal | None = None
) -> list[Share]:
    """Open invoices in random order, so that clients name the same ones the other way round."""
    invoices = _open_documents(customer, "invoice")
    chosen = chance.sample(invoices, min(len(invoices), chance.randint(1, most)))
    shares = []
    for invoice in chosen:
        amount = _part(invoice.payable - invoice.settled_amount, chance)
        if within is not None and chance.random() < 0.9:
            amount = max(Decimal("0.01"), min(amount, within))
            within -= amount
        shares.append(Share(invoice.id, Money(amount, CURRENCY)))
    return shares


def _part(whole: Decimal, chance: random.Random) -> Decimal:
    """All of it, a part, and now and then too much."""
    if chance.random() < 0.5:
        return whole
    share = Decimal(chance.choice([10, 25, 33, 50, 66, 90, 110])) / 100
    return max(Decimal("0.01"), (whole * share).quantize(Decimal("0.01")))


def _open_documents(customer: UUID, kind: str) -> list[Invoice]:
    rows = Invoice.objects.filter(customer_id=customer, type=kind, state="issued").exclude(
        payment_state="paid"
    )
    return _some(list(rows.order_by("-issue_date", "-id").only("id", "payable", "settled_amount")[:RECENT]))


def _payments(customer: UUID) -> list[Payment]:
    return _some(
        list(Payment.objects.filter(customer_id=customer).order_by("-effective_date", "-id")[:RECENT])
    )


def _payments_with_credit(customer: UUID) -> list[Payment]:
    return _some([payment for payment in _payments(customer) if payment.unallocated_amount])


def _some(rows: list[T]) -> list[T]:
    if not rows:
        raise NothingToDo
    return rows


OPERATIONS: dict[str, tuple[Callable[[UUID, random.Random], None], int]] = {
    "issue": (_issue, 16),
    "issue credit note": (_issue_credit_note, 5),
    "receive": (_receive, 16),
    "receive on account": (_receive_on_account, 8),
    "allocate": (_allocate, 20),
    "apply credit": (_apply_credit, 8),
    "reverse allocation": (_reverse_allocation, 7),
    "refund": (_refund, 4),
    "refund credit": (_refund_credit, 2),
    "write off": (_write_off, 5),
    "reverse write-off": (_reverse_write_off, 2),
    "charge back": (_charge_back, 5),
    "reverse payment": (_reverse_payment, 2),
}


def total(figures: Sequence[Figures]) -> Figures:
    """All clients together; the seconds are those of the slowest."""
    whole = Figures(Counter(), Counter(), Counter())
    for one in figures:
        whole.done += one.done
        whole.refused += one.refused
        whole.failed += one.failed
        whole.seconds = max(whole.seconds, one.seconds)
    return whole
