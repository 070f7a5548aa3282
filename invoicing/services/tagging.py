"""Metadata of documents and payments: the tenant's own, so it changes whatever state they are in."""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from invoicing.domain.record import InvoiceRecord
from invoicing.models import Invoice, Payment
from invoicing.selectors.invoices import record_of
from invoicing.services import posting
from invoicing.services.editing import ensure_version, lock_invoice


@transaction.atomic
def tag_invoice(
    *, invoice_id: UUID, metadata: Mapping[str, str], expected_version: int | None = None
) -> InvoiceRecord:
    """Replace the metadata of a document, drafted, issued or voided; nothing else of it changes.

    A new version, unless nothing differs. Raises NotFound, VersionMismatch.
    """
    invoice = lock_invoice(invoice_id=invoice_id, expected_version=expected_version)
    _tag(invoice, metadata)
    return record_of(invoice)


@transaction.atomic
def tag_payment(
    *, payment_id: UUID, metadata: Mapping[str, str], expected_version: int | None = None
) -> Payment:
    """Replace the metadata of a payment; as `tag_invoice`."""
    payment = posting.lock_payment(payment_id=payment_id)
    if expected_version is not None:
        ensure_version(payment.version, expected=expected_version)
    _tag(payment, metadata)
    return payment


def _tag(row: Invoice | Payment, metadata: Mapping[str, str]) -> None:
    if row.metadata != metadata:
        row.metadata = dict(metadata)
        row.version += 1
        row.save(update_fields=["metadata", "version", "updated_at"])
