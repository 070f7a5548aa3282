"""Delivery of a message: read it, hand it to the transport, note it."""

from typing import Any
from uuid import UUID

from tenants import files
from tenants.domain.message import Attachment, Message, compose
from tenants.errors import NotFound
from tenants.selectors.mail import outgoing_mail
from tenants.services import mail as services
from tenants.transports.base import Envelope
from tenants.transports.registry import transport


def deliver(*, mail_id: UUID) -> str:
    """Deliver a message of the current tenant unless it left before; returns the transport's reference.

    A crash between the transport's yes and the note delivers it again under the same Message-ID. Raises
    NotFound, FileMissing, MailRefused, MailUnavailable.
    """
    mail = outgoing_mail(mail_id=mail_id)
    if mail is None:
        raise NotFound
    if mail.sent_at is not None:
        return mail.transport_reference
    content = compose(
        Message(
            message_id=mail.message_id,
            sender=mail.sender,
            recipients=mail.recipients,
            subject=mail.subject,
            text=mail.text_body,
            html=mail.html_body,
            written_at=mail.created_at,
            attachments=[_load(kept) for kept in mail.attachments],
        )
    )
    reference = transport().deliver(Envelope(mail.message_id, mail.sender, mail.recipients), content)
    services.mark_sent(mail_id=mail_id, reference=reference)
    return reference


def _load(kept: dict[str, Any]) -> Attachment:
    with files.store().open(UUID(kept["file"])) as content:
        return Attachment(kept["name"], kept["media_type"], content.read())
