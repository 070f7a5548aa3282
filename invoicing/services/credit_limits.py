"""Credit limits are minded when a document is issued, so that two issued at once cannot both just fit."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from invoicing.domain import ledger
from invoicing.domain.credit_limit import OverLimit, excesses
from invoicing.domain.document import DocumentType
from invoicing.models import Customer, LegalEntity
from invoicing.money import Money, round_amount
from invoicing.selectors.parties import members_of
from invoicing.services import posting
from invoicing.statements import credit_limits as statements
from tenants import events, scope
from tenants.errors import DomainError, Kind
from tenants.scope import require_tenant_id


class CreditLimitExceeded(DomainError):
    """With this document the customer would owe more than its credit limit."""

    kind, code = Kind.CONFLICT, "credit-limit-exceeded"


class NewClaim(NamedTuple):
    """A document that is about to be issued."""

    customer: UUID
    legal_entity: UUID
    type: DocumentType
    payable: Decimal
    currency: str

    def money(self) -> Money:
        """What it does to what the customer owes."""
        return Money(ledger.claim(self.type, self.payable), self.currency)


def ensure_within_limits(claims: Sequence[NewClaim]) -> None:
    """Refuse, or tell the trail of, documents that take their customers over the limit, in their order.

    Each legal entity says which of the two. A limit is held against what is open in its own currency
    with all legal entities together, less unallocated credit; a member held to some of them is told the
    limit, not the balance. Call it inside the transaction that
    issues, before rows of the ledger are locked: it joins the ledger, and keeps the customers that have
    a limit locked until the commit. Raises CreditLimitExceeded.
    """
    posting.join_ledger()
    tenant_id = require_tenant_id()
    customers = {claim.customer for claim in claims}
    warned = set(
        LegalEntity.all_objects.filter(over_credit_limit=OverLimit.WARN.value).values_list("id", flat=True)
    )
    for limited in statements.lock_limited(tenant_id=tenant_id, customers=list(customers)):
        limit = Money(limited.limit, limited.currency)
        balance = statements.balance_of(
            customers=members_of(customer_id=limited.customer),
            currency=limited.currency,
        )
        mine = [(n, claim.money()) for n, claim in enumerate(claims) if claim.customer == limited.customer]
        for excess in excesses(limit=limit, balance=balance, claims=mine):
            told: dict[str, Any] = {
                "credit_limit": format(round_amount(limited.limit, limited.currency), "f"),
                "balance": format(round_amount(excess.balance, limited.currency), "f"),
                "currency": limited.currency,
            }
            if claims[excess.place].legal_entity not in warned:
                raise CreditLimitExceeded(pointer="/customer", **_disclosed(told))
            events.publish(
                events.Event(
                    "customer.credit_limit_exceeded",
                    Customer._meta.label_lower,
                    str(limited.customer),
                    told,
                )
            )


def _disclosed(told: dict[str, Any]) -> dict[str, Any]:
    """Who is held to some legal entities is not told what is owed to all of them."""
    if not scope.current().actor.legal_entities:
        return told
    return {name: value for name, value in told.items() if name != "balance"}
