"""What all postings to the ledger share: who takes part, what is locked in which order, what is published.

The order of locks is the same everywhere, so that no two postings wait for each other: the tenant's
ledger (shared), then the source of the money (a payment, or a document that holds credit), then
documents by id. Rows are locked so that whoever refers to them is not hindered.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from django.db.models import Q

from invoicing.domain import ledger, lifecycle
from invoicing.domain.document import DocumentType
from invoicing.domain.ledger import Balance, NoClaim, NoCredit
from invoicing.models import Invoice, Payment
from invoicing.money import Money
from invoicing.services.open_periods import within_open_period
from invoicing.statements import ledger as statements
from invoicing.statements import merging
from invoicing.statements.ledger import DocumentMove, DocumentState, Moment, PaymentMove, Posted
from tenants import events
from tenants.errors import FieldError, InvalidInput, NotFound
from tenants.scope import require_tenant_id

EFFECTIVE = "/effective_date"
_COLUMNS = (
    "id",
    "tenant_id",
    "type",
    "state",
    "customer_id",
    "legal_entity_id",
    "currency",
    "payable",
    "settled_amount",
    "payment_state",
    "issue_date",
    "reopened_on",
    "exchange",
)
_ANY = Q()
_IS_CLAIM = Q(state=lifecycle.State.ISSUED.value) & (
    Q(type=DocumentType.INVOICE.value, payable__gt=0) | Q(type=DocumentType.CREDIT_NOTE.value, payable__lt=0)
)


def join_ledger() -> Moment:
    """Take part in the tenant's postings until the transaction ends; tells the present and today."""
    return statements.join_ledger(tenant_id=require_tenant_id())


def hold_ledger() -> Moment:
    """Wait for every posting of the tenant that is under way and keep others out until the end.

    First of all locks, and for rules about what may be posted from now on. Tells the present and today.
    """
    statements.hold_ledger(tenant_id=require_tenant_id())
    return join_ledger()


def lock_payment(*, payment_id: UUID) -> Payment:
    """The payment, locked until the transaction ends. Raises NotFound."""
    payment: Payment | None = Payment.objects.select_for_update(no_key=True).filter(id=payment_id).first()
    if payment is None:
        raise NotFound
    return payment


def lock_document(*, document_id: UUID) -> Invoice:
    """One issued document, locked until the transaction ends. Raises NotFound, NotIssued, AlreadyVoided."""
    document = _lock([document_id]).get(document_id)
    if document is None:
        raise NotFound
    return _in_the_books(document)


def lock_claims(*, shares: Sequence[ledger.Share]) -> dict[UUID, Invoice]:
    """The claims that shares name, locked in the order of their ids.

    Nothing else is locked: a document that holds credit is a source, and sources are locked before claims.
    Raises InvalidInput for one that is not there, NotIssued, AlreadyVoided, NoClaim.
    """
    found = _lock([share.document for share in shares], _IS_CLAIM)
    others = [share for share in shares if share.document not in found]
    if others:
        _refuse(others)
    return found


def credit_of_payment(payment: Payment) -> Balance:
    """What a locked payment has left to give."""
    return Balance(
        id=payment.id,
        customer=payment.customer_id,
        legal_entity=payment.legal_entity_id,
        left=Money(payment.unallocated_amount, payment.currency),
        since=max(payment.effective_date, payment.reopened_on or payment.effective_date),
    )


def credit_of_document(document: Invoice) -> Balance:
    """What a locked document has left to give the customer. Raises NoCredit."""
    if ledger.claim(DocumentType(document.type), document.payable) >= 0:
        raise NoCredit
    return _balance(document)


def claim_of_document(document: Invoice) -> Balance:
    """What is open of a locked document. Raises NoClaim."""
    if ledger.claim(DocumentType(document.type), document.payable) <= 0:
        raise NoClaim
    return _balance(document)


def as_survivors(source: Balance, claims: Mapping[UUID, Balance]) -> tuple[Balance, dict[UUID, Balance]]:
    """The same with the customers that stand for theirs: who was merged is one with the survivor.

    One statement where customers differ, none where they do not.
    """
    customers = {source.customer, *(claim.customer for claim in claims.values())}
    if len(customers) == 1:
        return source, dict(claims)
    stands = merging.survivors_of(tenant_id=require_tenant_id(), customers=list(customers))
    return replace(source, customer=stands[source.customer]), {
        document: replace(claim, customer=stands[claim.customer]) for document, claim in claims.items()
    }


def post(
    *,
    rows: Sequence[Posted],
    payments: Sequence[PaymentMove] = (),
    documents: Sequence[DocumentMove] = (),
    before: Iterable[Invoice] = (),
) -> None:
    """Write a posting and publish what it did to the documents `before`, which are locked.

    Documents that are paid from now on publish `invoice.paid`, those that no longer are
    `invoice.reopened`. Raises PeriodClosed for a day on which the legal entity's books are closed.
    """
    with within_open_period(EFFECTIVE):
        states = statements.post(
            tenant_id=require_tenant_id(), rows=rows, payments=payments, documents=documents
        )
    _publish_turns(states, {document.id: document.payment_state for document in before})


def publish(name: str, record: Payment | Posted | Invoice, **data: object) -> None:
    """Tell the trail of a change of state of `record`."""
    events.publish(events.Event(name, record._meta.label_lower, str(record.id), data))


def _lock(document_ids: Iterable[UUID], which: Q = _ANY) -> dict[UUID, Invoice]:
    rows = Invoice.objects.select_for_update(no_key=True).filter(which, id__in=list(document_ids))
    return {document.id: document for document in rows.order_by("id").only(*_COLUMNS)}


def _refuse(shares: Sequence[ledger.Share]) -> None:
    """Say what keeps the documents of shares from being settled, which none of them can be."""
    rows = Invoice.objects.filter(id__in=[share.document for share in shares])
    states = dict(rows.values_list("id", "state"))
    faults = [
        FieldError(f"{share.pointer}/invoice", "unknown-reference", "There is no such document.")
        for share in shares
        if share.document not in states
    ]
    if faults:
        raise InvalidInput(faults)
    first = shares[0]
    match lifecycle.State(states[first.document]):
        case lifecycle.State.DRAFT:
            raise lifecycle.NotIssued(pointer=f"{first.pointer}/invoice")
        case lifecycle.State.VOIDED:
            raise lifecycle.AlreadyVoided(pointer=f"{first.pointer}/invoice")
    raise NoClaim(pointer=f"{first.pointer}/invoice")


def _in_the_books(document: Invoice) -> Invoice:
    match lifecycle.State(document.state):
        case lifecycle.State.DRAFT:
            raise lifecycle.NotIssued
        case lifecycle.State.VOIDED:
            raise lifecycle.AlreadyVoided
    return document


def _balance(document: Invoice) -> Balance:
    if document.issue_date is None:
        raise lifecycle.NotIssued
    return Balance(
        id=document.id,
        customer=document.customer_id,
        legal_entity=document.legal_entity_id,
        left=Money(abs(document.payable - document.settled_amount), document.currency),
        since=max(document.issue_date, document.reopened_on or document.issue_date),
    )


def _publish_turns(states: Iterable[DocumentState], before: dict[UUID, str]) -> None:
    paid = lifecycle.PaymentState.PAID.value
    for document_id, state in states:
        was = before.get(document_id, state)
        if (was == paid) != (state == paid):
            name = "invoice.paid" if state == paid else "invoice.reopened"
            events.publish(events.Event(name, Invoice._meta.label_lower, str(document_id)))
