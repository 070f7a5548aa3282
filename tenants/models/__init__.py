"""Tables of the floor."""

from tenants.models.base import SoftDeletable, TenantModel, tenant_key
from tenants.models.feature import FeatureOverride
from tenants.models.idempotency import IdempotencyKey
from tenants.models.job import Job, JobState
from tenants.models.mail import OutgoingMail
from tenants.models.membership import Membership
from tenants.models.session import RefreshToken, Session
from tenants.models.tenant import Tenant
from tenants.models.user import User

__all__ = [
    "FeatureOverride",
    "IdempotencyKey",
    "Job",
    "JobState",
    "Membership",
    "OutgoingMail",
    "RefreshToken",
    "Session",
    "SoftDeletable",
    "Tenant",
    "TenantModel",
    "User",
    "tenant_key",
]
