"""Reading the outbox."""

from uuid import UUID

from tenants.models import OutgoingMail


def outgoing_mail(*, mail_id: UUID) -> OutgoingMail | None:
    """A message of the current tenant."""
    found: OutgoingMail | None = OutgoingMail.objects.filter(id=mail_id).first()
    return found
