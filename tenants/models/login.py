"""How the people of a tenant prove who they are, and proofs that are under way."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from tenants.auditable import Auditable
from tenants.models.base import TenantModel, tenant_key
from tenants.secrets import EncryptedTextField


class FactorDemand(models.TextChoices):
    """Who has to show a second factor: whoever enrolled one, or everybody."""

    OPTIONAL = "optional"
    REQUIRED = "required"


class LoginConfiguration(Auditable, TenantModel):
    """What the backend named by `Tenant.auth_backend` needs, and the rules for logging in.

    A tenant without a row has the defaults. `settings` and `secrets` are of the shape the backend
    declares; `secrets` is a JSON object as text. `provisions` makes whoever the directory proves a
    member at the first login; `links_by_username` recognises a member who is there already by the name.
    `group_roles` lists `{"group", "role"}`, the first match decides; `default_role` is for those
    without a match, '' for none. `second_factor_roles`
    demand a second factor where the tenant as a whole does not. `password_history` former
    passwords are refused, and one older than `password_max_age_days` must be changed.
    """

    public_prefix: ClassVar[str] = "lgn"
    audit_redacted: ClassVar[tuple[str, ...]] = ("secrets",)

    settings = models.JSONField(default=dict)
    secrets = EncryptedTextField(blank=True, default="")
    provisions = models.BooleanField(default=False)
    links_by_username = models.BooleanField(default=False)
    default_role = models.SlugField(max_length=50, blank=True, default="", db_index=False)
    group_roles = models.JSONField(default=list)
    second_factor = models.CharField(max_length=10, choices=FactorDemand, default=FactorDemand.OPTIONAL)
    second_factor_roles = models.JSONField(default=list)
    password_min_length = models.PositiveSmallIntegerField(
        default=12, validators=[MinValueValidator(12), MaxValueValidator(64)]
    )
    password_history = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(24)])
    password_max_age_days = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant"], name="tenants_loginconfiguration_once"),
            models.CheckConstraint(
                name="tenants_loginconfiguration_passwords",
                condition=models.Q(password_min_length__range=(12, 64))
                & models.Q(password_history__lte=24)
                & (models.Q(password_max_age_days=None) | models.Q(password_max_age_days__range=(1, 3650))),
            ),
        ]


class ExternalIdentity(TenantModel):
    """Who a member is in a directory: `issuer` and `subject` name the person there for ever.

    Never an e-mail address (invariant 10). `backend` is the way of logging in that found the person;
    `groups` are those last seen, and `checked_at` is when the directory was last asked. `renewal` is
    what asking the provider again takes (a refresh token of OpenID Connect), '' where none is needed.
    `lost_at` is when the directory took the membership away: what it took it can give back, what an
    administrator took it cannot. Written at every refresh, so what matters to the trail is published as
    events.
    """

    public_prefix: ClassVar[str] = "ext"

    membership = tenant_key("tenants.Membership", related_name="identities")
    backend = models.CharField(max_length=32)
    issuer = models.CharField(max_length=500)
    subject = models.CharField(max_length=255)
    groups = models.JSONField(default=list)
    renewal = EncryptedTextField(blank=True, default="")
    checked_at = models.DateTimeField()
    lost_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "issuer", "subject"], name="tenants_externalidentity_subject"
            ),
            models.UniqueConstraint(
                fields=["tenant", "membership", "issuer"], name="tenants_externalidentity_member"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "checked_at"], name="tenants_externalidentity_due")
        ]


class ChallengePurpose(models.TextChoices):
    """What is missing before there is a session, or what somebody shows who has one."""

    SECOND_FACTOR = "second-factor"
    ENROLMENT = "enrolment"
    PASSWORD_CHANGE = "password-change"  # noqa: S105 a name, not a password
    REGISTRATION = "registration"
    PROOF = "proof"


class LoginChallenge(TenantModel):
    """A login that has proved something but not enough; used once, for a few minutes.

    `backend` and `factors` (names of RFC 8176) are the proofs so far; `must_change` says that the
    password was right but has to be changed. `client` is the fingerprint of who began; `attempts`
    counts answers. `auth_time` and `ends_at` are those of the login it continues (a switch of
    tenants), if any.
    """

    public_prefix: ClassVar[str] = "chl"

    membership = tenant_key("tenants.Membership")
    purpose = models.CharField(max_length=20, choices=ChallengePurpose)
    backend = models.CharField(max_length=32)
    must_change = models.BooleanField(default=False)
    factors = models.JSONField(default=list)
    credential_set_at = models.DateTimeField(null=True)
    auth_time = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    client = models.CharField(max_length=64)
    webauthn_challenge = models.BinaryField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="tenants_loginchallenge_expiry")]


class SsoRound(TenantModel):
    """One trip to an OpenID provider and back: what the callback must find again.

    `digest` is the SHA-256 of the state, `browser` that of the cookie which binds the trip to the
    browser that began it; `verifier` is PKCE's; `invitation` is the token of the one to be accepted
    on return, '' for none.
    """

    public_prefix: ClassVar[str] = "sso"

    digest = models.BinaryField(max_length=32)
    browser = models.BinaryField(max_length=32)
    nonce = models.CharField(max_length=128)
    verifier = EncryptedTextField()
    return_path = models.CharField(max_length=500, blank=True)
    invitation = EncryptedTextField(blank=True, default="")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "digest"], name="tenants_ssoround_digest")
        ]
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="tenants_ssoround_expiry")]
