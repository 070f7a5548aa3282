"""The tables of the ledger filled with canaries, by the services, because they must add up."""

from uuid import UUID

from invoicing.models import Customer
from invoicing.services import allocating, refunding, returning, writing_off
from tests.factories.ledger import eur, make_issued, make_payment, share
from tests.isolation.canaries import Canaries


def post_everything(canaries: Canaries, entity: UUID, *, rows: int) -> None:
    """Payments and what became of them, every kind of posting there is; call it in the tenant's scope."""
    customer = Customer.objects.order_by("?")[0].id
    for _ in range(rows):
        document = make_issued(customer, str(canaries.number()), legal_entity=entity)
        paid = make_payment(
            customer, str(canaries.number()), reference=canaries.word(), legal_entity_id=entity
        )
        (allocation,) = allocating.allocate_payment(payment_id=paid.id, shares=[share(document, "0.05")])
        allocating.reverse_allocation(allocation_id=allocation.id, reason=canaries.word(), amount=eur("0.01"))
        refunding.refund_payment(payment_id=paid.id, money=eur("0.02"), reason=canaries.word())
        writing_off.write_off_invoice(invoice_id=document.id, reason=canaries.word(), money=eur("0.03"))
        returning.return_payment(payment_id=paid.id, reason=canaries.word(), money=eur("0.04"))
