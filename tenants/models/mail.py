"""Mail that waits to leave the house."""

from typing import ClassVar

from django.db import models

from tenants.models.base import TenantModel


class OutgoingMail(TenantModel):
    """One message of the outbox; `message_id` is drawn once, so a second delivery is recognisable.

    `recipients` are addresses, `attachments` are `{"file", "name", "media_type"}` with the id of a file
    in the tenant's store. `sent_at` is set when the transport has taken the message; the text of one that
    `is_confidential` is forgotten with that, because it carries a link that opens a door.
    """

    public_prefix: ClassVar[str] = "mail"

    message_id = models.CharField(max_length=200)
    sender = models.CharField(max_length=254)
    recipients = models.JSONField(default=list)
    subject = models.CharField(max_length=300)
    text_body = models.TextField()
    html_body = models.TextField(blank=True)
    attachments = models.JSONField(default=list)
    is_confidential = models.BooleanField(default=False)
    sent_at = models.DateTimeField(null=True)
    transport_reference = models.CharField(max_length=300, blank=True)
