"""What there is to look at in the demo's books."""

from django.test import override_settings

from invoicing.models import Invoice, Refund, Reversal, WriteOff
from invoicing.selectors import receivables
from invoicing.selectors.certificates import numbering_faults
from invoicing.selectors.receivables import OpenItemFilter
from invoicing.workflows.demo import COMPANIES, seed
from tenants import scope
from tenants.actors import Actor
from tenants.selectors.tenants import resolve_tenant


@override_settings(DEBUG=True)
def test_the_demo_shows_every_state_that_money_can_bring_about() -> None:
    seed()
    for company in COMPANIES:
        tenant = resolve_tenant(slug=company.slug)
        assert tenant is not None
        with scope.enter(scope.Scope(tenant.id, Actor.system("test"), request_id="test")):
            states = set(Invoice.objects.filter(state="issued").values_list("payment_state", flat=True))
            assert states == {"unpaid", "partially_paid", "paid"}
            assert set(Reversal.objects.values_list("kind", flat=True)) == {
                "allocation",
                "return",
                "chargeback",
                "mistake",
            }
            assert (WriteOff.objects.count(), Refund.objects.count()) == (2, 1)
            assert Invoice.objects.filter(reopened_on__isnull=False, payment_state="unpaid").exists()
            (left,) = receivables.ageing(at=receivables.horizon(), filters=OpenItemFilter())
            assert left.credit < 0 < left.total - left.credit


@override_settings(DEBUG=True)
def test_the_demo_shows_documents_that_are_voided_credited_and_cancelled() -> None:
    seed()
    for company in COMPANIES:
        tenant = resolve_tenant(slug=company.slug)
        assert tenant is not None
        with scope.enter(scope.Scope(tenant.id, Actor.system("test"), request_id="test")):
            notes = Invoice.objects.filter(corrects__isnull=False)
            assert Invoice.objects.filter(state="voided").count() == 1
            assert set(notes.values_list("state", flat=True)) == {"issued", "draft"}
            asked = {note.correction["asked"]["kind"] for note in notes if note.correction}
            assert asked == {"full", "lines", "amount"}
            assert Invoice.objects.filter(payment_state="partially_paid").exists()
            assert numbering_faults() == []
