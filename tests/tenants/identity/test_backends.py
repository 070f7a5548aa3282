"""The door for ways of logging in: what registers, and what a tenant's choice does."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

import msgspec
import pytest
from django.core.exceptions import ImproperlyConfigured

from tenants.backends.base import (
    Backend,
    Identity,
    NoSettings,
    PasswordInfo,
    PasswordUnchangeable,
    Standing,
    Step,
)
from tenants.backends.password import PasswordBackend
from tenants.backends.registry import Registry, UnknownBackend, backends
from tenants.errors import DomainError, FieldError, Kind
from tenants.models import ExternalIdentity, Tenant
from tests.factories import PASSWORD, ApiClient, make_member, scope_of


class DirectoryIsDown(DomainError):
    """The directory does not answer."""

    kind, code = Kind.UNAVAILABLE, "directory-down"


class Directory:
    """A directory that is down, keeps its passwords to itself, and is otherwise well-behaved."""

    name: ClassVar[str] = "directory"
    is_external: ClassVar[bool] = True
    names_are_assigned: ClassVar[bool] = True
    settings_type: ClassVar[type[msgspec.Struct]] = NoSettings
    secret_names: ClassVar[frozenset[str]] = frozenset()
    secrets_follow: ClassVar[frozenset[str]] = frozenset()

    def authenticate(self, *, tenant: Tenant | None, username: str, password: str) -> Identity | None:
        raise DirectoryIsDown(retry_after=7)

    def get_password_info(self, *, user_id: UUID) -> PasswordInfo:
        return PasswordInfo(can_change=False)

    def change_password(self, *, user_id: UUID, old_password: str, new_password: str) -> None:
        raise PasswordUnchangeable

    def validate(self, *, settings: Any, secrets: Mapping[str, str]) -> list[FieldError]:
        return []

    def test(self, *, settings: Any, secrets: Mapping[str, str]) -> list[Step]:
        return [Step("connect", ok=False)]

    def look_up(self, *, identity: ExternalIdentity) -> Standing | None:
        raise DirectoryIsDown(retry_after=7)


class Nameless(Directory):
    name: ClassVar[str] = ""


class Halved(Directory):
    change_password: ClassVar[Any] = None


class OldFashioned(Directory):
    def authenticate(self, request: Any, **credentials: Any) -> None:  # type: ignore[override]
        return None


class Forgiving(msgspec.Struct, frozen=True):
    """Settings that would swallow a misspelt name."""


class Careless(Directory):
    settings_type: ClassVar[type[msgspec.Struct]] = Forgiving


class Vague(Directory):
    is_external: ClassVar[Any] = "perhaps"


class Leaking(Directory):
    secrets_follow: ClassVar[frozenset[str]] = frozenset({"servers"})


@pytest.mark.parametrize(
    "candidate", [Nameless(), Halved(), OldFashioned(), Careless(), Vague(), Leaking(), object()]
)
def test_what_is_no_backend_does_not_register(candidate: Any) -> None:
    registry = Registry()
    with pytest.raises(ImproperlyConfigured):
        registry.register(candidate)


def test_a_name_is_taken_once() -> None:
    registry = Registry()
    registry.register(PasswordBackend())
    with pytest.raises(ImproperlyConfigured):
        registry.register(PasswordBackend())


def test_ours_are_backends() -> None:
    assert isinstance(PasswordBackend(), Backend)
    assert isinstance(Directory(), Backend)
    with pytest.raises(UnknownBackend):
        Registry().get("password")


@pytest.fixture
def at_a_directory(acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> Tenant:
    registry = Registry()
    registry.register(PasswordBackend())
    registry.register(Directory())
    monkeypatch.setattr("tenants.workflows.logins.backends", lambda: registry)
    with scope_of(acme):
        Tenant.objects.filter(id=acme.id).update(auth_backend="directory")
    return acme


def test_a_directory_that_is_down_is_503_and_never_another_backend(at_a_directory: Tenant) -> None:
    member = make_member(at_a_directory, password=PASSWORD)
    body = {"tenant": at_a_directory.slug, "username": member.username, "password": PASSWORD}
    answer = ApiClient().post("/api/v2/auth/token", body)
    assert (answer.status_code, answer.json()["code"]) == (503, "directory-down")
    assert answer.headers["Retry-After"] == "7"


def test_an_empty_password_never_reaches_a_directory(at_a_directory: Tenant) -> None:
    body = {"tenant": at_a_directory.slug, "username": "ada", "password": ""}
    assert ApiClient().post("/api/v2/auth/token", body).status_code == 401


def test_the_registry_of_the_installation_has_the_default() -> None:
    assert backends().get(Tenant._meta.get_field("auth_backend").default).name == "password"
