"""Passwords that we keep ourselves, as argon2 hashes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils import timezone

from tenants.backends.base import (
    Identity,
    NoSettings,
    PasswordInfo,
    Standing,
    Step,
    WrongPassword,
)
from tenants.backends.policy import current_policy, ensure_strong, ensure_unused
from tenants.domain.passwords import LONGEST, LONGEST_HISTORY, PasswordPolicy
from tenants.errors import FieldError
from tenants.hashing import hash_password, verify_password
from tenants.models import ExternalIdentity, Membership, Tenant, User
from tenants.statements import passwords


class PasswordBackend:
    """The first backend: name and password of a membership."""

    name: ClassVar[str] = "password"
    is_external: ClassVar[bool] = False
    names_are_assigned: ClassVar[bool] = True
    settings_type: ClassVar[type[msgspec.Struct]] = NoSettings
    secret_names: ClassVar[frozenset[str]] = frozenset()
    secrets_follow: ClassVar[frozenset[str]] = frozenset()

    def authenticate(self, *, tenant: Tenant | None, username: str, password: str) -> Identity | None:
        """One hash is computed in any case, so that the time tells nothing. Raises TooManyLogins."""
        known = passwords.find(username=username) if len(password) <= LONGEST else None
        matches, outdated = verify_password(password[:LONGEST], None if known is None else known.password)
        if not matches or known is None or tenant is None or not (tenant.is_active and known.is_active):
            return None
        if outdated:
            self._renew_hash(known, password)
        policy = PasswordPolicy(max_age_days=known.max_age_days)
        return Identity(
            issuer=self.name,
            subject=str(known.user_id),
            username=known.username,
            name=known.name,
            email=known.email,
            credential_set_at=known.changed_at,
            must_change=known.must_change or _is_over(known.set_at, policy),
        )

    def get_password_info(self, *, user_id: UUID) -> PasswordInfo:
        """Ours can always be changed; when one has to be is up to the tenant and its administrators."""
        policy = current_policy()
        member = Membership.objects.select_related("user").get(user_id=user_id)
        return PasswordInfo(
            can_change=True,
            expires_at=policy.expiry_of(set_at=_set_at(member.user)),
            must_change=member.must_change_password or _is_over(_set_at(member.user), policy),
            policy=policy.described(),
        )

    def change_password(self, *, user_id: UUID, old_password: str, new_password: str) -> None:
        """Store another password and the time of the change.

        Raises WrongPassword, WeakPassword, TooManyLogins.
        """
        user = User.objects.get(id=user_id)
        matches, _ = verify_password(old_password[:LONGEST], user.password)
        if not matches or len(old_password) > LONGEST:
            raise WrongPassword(pointer="/old_password")
        policy = current_policy()
        ensure_strong(new_password, policy=policy, names=(user.name, user.email), old=old_password)
        ensure_unused(new_password, hashes=user.password_history[: policy.history])
        _store(user_id=user_id, seen=user.password, fresh=hash_password(new_password))

    def replace_password(self, *, user_id: UUID, set_at: datetime | None, new_password: str) -> None:
        """The same for whoever has just proved to know the old one, which had been set at `set_at`.

        Raises WrongPassword if it was changed since, WeakPassword, TooManyLogins.
        """
        user = User.objects.get(id=user_id)
        if user.password_changed_at != set_at:
            raise WrongPassword
        policy = current_policy()
        ensure_strong(new_password, policy=policy, names=(user.name, user.email))
        ensure_unused(new_password, hashes=[user.password, *user.password_history[: policy.history]])
        _store(user_id=user_id, seen=user.password, fresh=hash_password(new_password))

    def validate(self, *, settings: Any, secrets: Mapping[str, str]) -> list[FieldError]:
        """Nothing can be wrong where nothing is set."""
        del settings, secrets
        return []

    def test(self, *, settings: Any, secrets: Mapping[str, str]) -> list[Step]:
        """The people are in the database that is being asked."""
        del settings, secrets
        return [Step("passwords", ok=True, detail="Passwords are kept here.")]

    def look_up(self, *, identity: ExternalIdentity) -> Standing | None:
        """Nobody is kept elsewhere."""
        del identity
        return None

    def _renew_hash(self, known: passwords.Known, password: str) -> None:
        # Only if nobody has changed the password since it was compared.
        compared = User.objects.filter(id=known.user_id, password=known.password)
        compared.update(password=hash_password(password))


@transaction.atomic
def _store(*, user_id: UUID, seen: str, fresh: str) -> None:
    locked = User.objects.select_for_update(no_key=True).filter(id=user_id, password=seen).first()
    if locked is None:
        raise WrongPassword(pointer="/old_password")
    locked.password_history = [seen, *locked.password_history][:LONGEST_HISTORY]
    locked.password = fresh
    # After the lock: a login that held it before is older than this, and thereby void.
    locked.password_changed_at = timezone.now()
    locked.save(update_fields=["password", "password_history", "password_changed_at", "updated_at"])
    Membership.objects.filter(user_id=user_id, must_change_password=True).update(
        must_change_password=False, updated_at=timezone.now()
    )


def _set_at(user: User) -> datetime:
    return user.password_changed_at or user.created_at


def _is_over(set_at: datetime, policy: PasswordPolicy) -> bool:
    expires_at = policy.expiry_of(set_at=set_at)
    return expires_at is not None and expires_at <= timezone.now()
