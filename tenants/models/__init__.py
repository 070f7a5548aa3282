"""Tables of the floor."""

from tenants.models.api_key import ApiKey, ApiKeyUse
from tenants.models.base import SoftDeletable, TenantModel, tenant_key
from tenants.models.factor import Passkey, RecoveryCode, TotpDevice
from tenants.models.feature import FeatureOverride
from tenants.models.idempotency import IdempotencyKey
from tenants.models.invitation import Invitation
from tenants.models.job import Job, JobState
from tenants.models.lockout import LoginGuard
from tenants.models.login import (
    ChallengePurpose,
    ExternalIdentity,
    FactorDemand,
    LoginChallenge,
    LoginConfiguration,
    SsoRound,
)
from tenants.models.mail import OutgoingMail
from tenants.models.membership import Membership
from tenants.models.role import Role
from tenants.models.session import RefreshToken, Session
from tenants.models.socket_ticket import SocketTicket
from tenants.models.tenant import Tenant
from tenants.models.user import User

__all__ = [
    "ApiKey",
    "ApiKeyUse",
    "ChallengePurpose",
    "ExternalIdentity",
    "FactorDemand",
    "FeatureOverride",
    "IdempotencyKey",
    "Invitation",
    "Job",
    "JobState",
    "LoginChallenge",
    "LoginConfiguration",
    "LoginGuard",
    "Membership",
    "OutgoingMail",
    "Passkey",
    "RecoveryCode",
    "RefreshToken",
    "Role",
    "Session",
    "SocketTicket",
    "SoftDeletable",
    "SsoRound",
    "Tenant",
    "TenantModel",
    "TotpDevice",
    "User",
    "tenant_key",
]
