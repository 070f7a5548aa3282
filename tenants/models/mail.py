"""Mail that waits to leave the house."""

from typing import ClassVar

from django.db import models

from tenants.models.base import TenantModel, tenant_key


class OutgoingMail(TenantModel):
    """One message of the outbox; `message_id` is drawn once, so a second delivery is recognisable."""

    public_prefix: ClassVar[str] = "mail"

    job = tenant_key("tenants.Job", null=True)
    message_id = models.CharField(max_length=200)
    sender = models.CharField(max_length=254)
    recipients = models.JSONField(default=list)
    subject = models.CharField(max_length=300)
    text_body = models.TextField()
    html_body = models.TextField(blank=True)
    attachments = models.JSONField(default=list)
    sent_at = models.DateTimeField(null=True)
    transport_reference = models.CharField(max_length=300, blank=True)

    class Meta(TenantModel.Meta):
        indexes: ClassVar = [models.Index(fields=["tenant", "-created_at"], name="tenants_mail_of_tenant")]
