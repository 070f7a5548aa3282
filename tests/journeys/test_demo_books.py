"""What there is to look at in the demo's books."""

from django.test import override_settings

from invoicing.models import Invoice
from invoicing.selectors.certificates import numbering_faults
from invoicing.workflows.demo import COMPANIES, seed
from tenants import scope
from tenants.actors import Actor
from tenants.selectors.tenants import resolve_tenant


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
