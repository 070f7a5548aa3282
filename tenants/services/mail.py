"""The outbox: a message and the job that delivers it, and the note that it left."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, TextField, Value, When
from django.utils import timezone

from tenants import ids, jobs
from tenants.models import OutgoingMail
from tenants.scope import require_tenant_id


@transaction.atomic
def enqueue(
    *,
    recipients: Sequence[str],
    subject: str,
    text: str,
    html: str,
    attachments: Sequence[dict[str, Any]],
    is_confidential: bool = False,
) -> OutgoingMail:
    """Write a message, whose parts were checked, and ask for its delivery."""
    mail_id = ids.uuid7()
    domain = urlsplit(settings.PUBLIC_BASE_URL).hostname or "localhost"
    mail: OutgoingMail = OutgoingMail.objects.create(
        id=mail_id,
        tenant_id=require_tenant_id(),
        message_id=f"<{mail_id.hex}@{domain}>",
        sender=settings.DEFAULT_FROM_EMAIL,
        recipients=list(recipients),
        subject=subject,
        text_body=text,
        html_body=html,
        attachments=list(attachments),
        is_confidential=is_confidential,
    )
    jobs.defer("tenants.deliver_mail", args={"mail_id": str(mail_id)})
    return mail


def mark_sent(*, mail_id: UUID, reference: str) -> None:
    """Note that the transport has the message, and forget what was confidential; once is enough."""
    now = timezone.now()
    # One statement: a message that is noted as sent never shows its link again.
    nothing = Value("", output_field=TextField())
    OutgoingMail.objects.filter(id=mail_id, sent_at=None).update(
        sent_at=now,
        transport_reference=reference[:300],
        updated_at=now,
        text_body=Case(When(is_confidential=True, then=nothing), default=F("text_body")),
        html_body=Case(When(is_confidential=True, then=nothing), default=F("html_body")),
    )
