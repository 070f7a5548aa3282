"""Attempts at somebody's login, counted before they are made, whether or not there is such an account."""

from dataclasses import dataclass, replace
from uuid import UUID

from tenants import scope
from tenants.actors import Actor
from tenants.events import Event, publish
from tenants.selectors import tenants
from tenants.services import lockout
from tenants.statements.lockout import Standing

# The tenant of all names that no tenant has, made by a migration: its failures are counted like others.
NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Account:
    """A login as somebody stated it: nobody knows yet whether there is one."""

    slug: str
    username: str
    address: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt under way; `tenant_id` is NOBODY where there is no such tenant."""

    account: Account
    tenant_id: UUID
    standing: Standing


def begin(account: Account) -> Attempt:
    """Count an attempt; the caller must refuse it where `standing.is_refused`."""
    found = tenants.resolve_tenant(slug=account.slug)
    tenant_id = NOBODY if found is None else found.id
    with scope.enter(_scope(tenant_id)):
        standing = lockout.begin(slug=account.slug, username=account.username, address=account.address)
    return Attempt(account, tenant_id, standing)


def succeed(attempt: Attempt) -> None:
    """The login was proved: earlier failures from this place are forgotten."""
    with scope.enter(_scope(attempt.tenant_id)):
        lockout.forgive(standing=attempt.standing)


def give_back(attempt: Attempt) -> None:
    """The attempt did not end as a guess: it counts for nothing."""
    with scope.enter(_scope(attempt.tenant_id)):
        lockout.give_back(standing=attempt.standing)


def fail(attempt: Attempt) -> None:
    """The attempt was a wrong guess and stays counted; the trail is told where it locked the name."""
    standing, account = attempt.standing, attempt.account
    if standing.locked_until is None:
        return
    data = {
        "tenant": account.slug,
        "username": account.username,
        "address": account.address,
        "failures": standing.failures,
        "until": standing.locked_until,
    }
    # In the trail of the installation where there is no tenant, as its refused logins are.
    with scope.enter(_scope(None if attempt.tenant_id == NOBODY else attempt.tenant_id)):
        publish(Event("login.locked", "tenants.membership", data=data), refusal=True)


def _scope(tenant_id: UUID | None) -> scope.Scope:
    return replace(scope.current(), tenant_id=tenant_id, actor=Actor.system("login"))
