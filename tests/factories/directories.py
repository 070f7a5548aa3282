"""A directory on paper: a second adapter beside the real ones, kept in memory and honest to the Protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

import msgspec

from tenants.backends.base import (
    DirectoryUnavailable,
    Identity,
    PasswordInfo,
    PasswordUnchangeable,
    ProofExpired,
    Standing,
    Step,
)
from tenants.backends.configured import load
from tenants.errors import FieldError
from tenants.models import ExternalIdentity, Tenant
from tests.factories.tenancy import PASSWORD, unique

TOKEN = "opens the drawer"


class PaperSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the paper lies."""

    drawer: str
    pages: int = 100


@dataclass
class Entry:
    """One person on paper."""

    subject: str
    username: str
    password: str = PASSWORD
    groups: set[str] = field(default_factory=set)
    is_active: bool = True
    must_change: bool = False
    factors: tuple[str, ...] = ("pwd",)


class PaperDirectory:
    """Everybody in it, and whether it can be reached. `asked` lists whom it was asked about, and how."""

    name: ClassVar[str] = "paper"
    is_external: ClassVar[bool] = True
    names_are_assigned: ClassVar[bool] = True
    settings_type: ClassVar[type[msgspec.Struct]] = PaperSettings
    secret_names: ClassVar[frozenset[str]] = frozenset({"token", "stamp"})
    secrets_follow: ClassVar[frozenset[str]] = frozenset({"drawer"})

    def __init__(self) -> None:
        self.issuer = unique("paper")
        self.people: dict[str, Entry] = {}
        self.is_down = False
        self.wants_the_person = False
        self.asked: list[tuple[str, str]] = []
        self.passwords_seen: list[str] = []
        self.before_answering: Callable[[], None] = lambda: None

    def hire(self, username: str = "", **details: Any) -> Entry:
        """Write somebody in."""
        entry = Entry(unique("number"), username or unique("ada"), **details)
        self.people[entry.subject] = entry
        return entry

    def fire(self, entry: Entry) -> None:
        """Strike somebody out."""
        del self.people[entry.subject]

    @contextmanager
    def down(self) -> Iterator[None]:
        """Nobody finds the drawer."""
        self.is_down = True
        try:
            yield
        finally:
            self.is_down = False

    def authenticate(self, *, tenant: Tenant | None, username: str, password: str) -> Identity | None:
        self.asked.append(("authenticate", username))
        self.passwords_seen.append(password)
        self._open()
        found = next((each for each in self.people.values() if each.username == username), None)
        if found is None or found.password != password or not found.is_active:
            return None
        return self.identity_of(found)

    def identity_of(self, entry: Entry) -> Identity:
        """Who somebody on paper is."""
        return Identity(
            issuer=self.issuer,
            subject=entry.subject,
            username=entry.username,
            name=entry.username.title(),
            groups=frozenset(entry.groups),
            renewal=f"renewal of {entry.subject}",
            must_change=entry.must_change,
            factors=entry.factors,
        )

    def get_password_info(self, *, user_id: UUID) -> PasswordInfo:
        return PasswordInfo(can_change=False)

    def change_password(self, *, user_id: UUID, old_password: str, new_password: str) -> None:
        raise PasswordUnchangeable

    def validate(self, *, settings: Any, secrets: Mapping[str, str]) -> list[FieldError]:
        faults = []
        if not settings.drawer.startswith("paper:"):
            faults.append(FieldError("/settings/drawer", "malformed", "Expected paper:…"))
        if "token" not in secrets:
            faults.append(FieldError("/secrets/token", "missing", "The drawer is locked."))
        return faults

    def test(self, *, settings: Any, secrets: Mapping[str, str]) -> list[Step]:
        steps = [Step("find", ok=not self.is_down, detail=settings.drawer)]
        if not self.is_down:
            steps.append(Step("unlock", ok=secrets["token"] == TOKEN))
        return steps

    def look_up(self, *, identity: ExternalIdentity) -> Standing | None:
        self.asked.append(("look_up", identity.subject))
        self._open()
        if self.wants_the_person:
            raise ProofExpired
        found = self.people.get(identity.subject)
        if found is None or identity.issuer != self.issuer:
            return None
        standing = Standing(found.is_active, frozenset(found.groups), renewal="renewed")
        self.before_answering()
        return standing

    def look_ups(self) -> int:
        """How often it was asked about somebody who was not there."""
        return sum(kind == "look_up" for kind, _ in self.asked)

    def _open(self) -> None:
        if self.is_down or load(PaperSettings).secrets.get("token") != TOKEN:
            raise DirectoryUnavailable(retry_after=9)
