"""Reading how the current tenant's people log in, and who they are in its directory."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from tenants.domain.logins import Rules, rules_of
from tenants.models import ExternalIdentity, LoginConfiguration, Membership


def login_rules() -> Rules:
    """How the tenant's directory decides about members; the defaults where nothing was configured."""
    row = LoginConfiguration.objects.values(
        "provisions", "links_by_username", "default_role", "group_roles"
    ).first()
    return Rules() if row is None else rules_of(**row)


def identity_of(*, issuer: str, subject: str) -> ExternalIdentity | None:
    """The member's identity by the name that the directory gave it for ever."""
    return ExternalIdentity.objects.filter(issuer=issuer, subject=subject).first()


def identities_of(*, membership_id: UUID, backend: str) -> "QuerySet[ExternalIdentity]":
    """Who a member is in the directories of a backend, the one that came along last first."""
    return ExternalIdentity.objects.filter(membership_id=membership_id, backend=backend).order_by(
        "-updated_at", "id"
    )


def unasked(*, backend: str, before: datetime) -> "QuerySet[ExternalIdentity, tuple[UUID, UUID]]":
    """(identity, membership) of those about whom the directory was not asked since, longest ago first."""
    due = ExternalIdentity.objects.filter(backend=backend, checked_at__lt=before, lost_at=None)
    return due.order_by("checked_at", "id").values_list("id", "membership_id")


def break_glass_members() -> "QuerySet[Membership]":
    """Those who may log in by a password of ours whatever becomes of the directory."""
    return Membership.objects.filter(is_break_glass=True).order_by("id")
