"""Passwords that we keep ourselves, as argon2 hashes."""

from collections.abc import Mapping
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
    WeakPassword,
    WrongPassword,
)
from tenants.domain.passwords import LONGEST, SHORTEST, faults_of
from tenants.errors import FieldError
from tenants.hashing import hash_password, verify_password
from tenants.models import ExternalIdentity, Membership, Tenant, User


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
        member = None
        if len(password) <= LONGEST:
            member = Membership.objects.select_related("user").filter(username=username).first()
        matches, outdated = verify_password(
            password[:LONGEST], None if member is None else member.user.password
        )
        if (
            not matches
            or member is None
            or tenant is None
            or not tenant.is_active
            or not member.user.is_active
        ):
            return None
        if outdated:
            self._renew_hash(member.user, password)
        return Identity(
            issuer=self.name,
            subject=str(member.user_id),
            username=member.username,
            name=member.user.name,
            email=member.user.email,
            credential_set_at=member.user.password_changed_at,
        )

    def get_password_info(self, *, user_id: UUID) -> PasswordInfo:
        """Ours can always be changed and do not expire."""
        del user_id
        return PasswordInfo(can_change=True, policy={"min_length": SHORTEST, "max_length": LONGEST})

    def change_password(self, *, user_id: UUID, old_password: str, new_password: str) -> None:
        """Store another password and the time of the change. Raises WrongPassword, WeakPassword."""
        user = User.objects.get(id=user_id)
        matches, _ = verify_password(old_password[:LONGEST], user.password)
        if not matches or len(old_password) > LONGEST:
            raise WrongPassword(pointer="/old_password")
        faults = faults_of(new_password, names=(user.name, user.email), old=old_password)
        if faults:
            raise WeakPassword(errors=[FieldError("/new_password", code, text) for code, text in faults])
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

    def _renew_hash(self, user: User, password: str) -> None:
        # Only if nobody has changed the password since it was compared.
        User.objects.filter(id=user.id, password=user.password).update(password=hash_password(password))


@transaction.atomic
def _store(*, user_id: UUID, seen: str, fresh: str) -> None:
    locked = User.objects.select_for_update(no_key=True).filter(id=user_id, password=seen).first()
    if locked is None:
        raise WrongPassword(pointer="/old_password")
    locked.password = fresh
    # After the lock: a login that held it before is older than this, and thereby void.
    locked.password_changed_at = timezone.now()
    locked.save(update_fields=["password", "password_changed_at", "updated_at"])
