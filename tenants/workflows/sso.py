"""Logging in at a tenant's own provider: the browser goes there, and comes back with a code.

One address serves all tenants, so a provider could hand in a code that it got from another one (the
mix-up of RFC 9700, section 4.4). Therefore an answer is taken only where it says whose it is (`iss`,
RFC 9207), or at an address that belongs to one tenant alone; which of the two is decided by what the
provider says it can do.
"""

import re
import secrets
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

from tenants import ids, scope
from tenants.actors import Actor
from tenants.backends.base import DirectoryUnavailable, Identity
from tenants.backends.oidc.backend import OpenIdBackend
from tenants.backends.oidc.protocol import ProviderRefused
from tenants.backends.registry import backends
from tenants.domain.people import Client
from tenants.errors import DomainError, Kind, NotFound
from tenants.events import Event, publish
from tenants.models import Tenant
from tenants.selectors import tenants
from tenants.selectors.logins import identity_of
from tenants.services import sso as rounds
from tenants.services.invitations import InvitationOver
from tenants.services.pairs import Pair
from tenants.services.sessions import LoginRefused
from tenants.workflows import invitations, logins

LONGEST_CODE: Final = 4096
_SLUG: Final = re.compile(r"[A-Za-z0-9_-]{1,63}", re.ASCII)
_PAGES, _PROGRAMS = "page", "api"


class Denied(DomainError):
    """The login was cancelled at the provider."""

    kind, code = Kind.UNAUTHENTICATED, "sso-denied"


class ProviderWantsYou(DomainError):
    """The provider wants you to do something there first: open it, log in there, and try again."""

    kind, code = Kind.UNAUTHENTICATED, "sso-interaction-required"


class MixedUp(DomainError):
    """This answer does not come from the provider that was asked, or not for this company; begin again."""

    kind, code = Kind.INVALID, "sso-mixed-up"


class NoAccess(DomainError):
    """The provider knows you, but you have no access here; ask your administrators."""

    kind, code = Kind.FORBIDDEN, "sso-no-access"


class StepsLeft(Exception):
    """Somebody came back to a page and has to show more: `step` asks for it, `return_path` comes after."""

    is_progress = True

    def __init__(self, step: DomainError, return_path: str) -> None:
        super().__init__(step.detail)
        self.step = step
        self.return_path = return_path


@dataclass(frozen=True, slots=True)
class Places:
    """Addresses of ours that a provider may send back to: one for all tenants, one for this one."""

    shared: str
    own: str


@dataclass(frozen=True, slots=True)
class Trip:
    """Where the browser goes, and the value of the cookie that lets it return."""

    url: str
    browser: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the browser brought back; "" for what is missing. `place` is where it came back to.

    `slug` is the tenant whose own address that is, "" for the shared one.
    """

    state: str = field(repr=False)
    code: str = field(repr=False)
    issuer: str
    error: str
    place: str
    slug: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A login that ended well; `return_path` is "" for programs."""

    pair: Pair
    return_path: str


@dataclass(frozen=True, slots=True)
class WayIn:
    """How the people of a tenant log in at their provider, as the login page says it."""

    slug: str
    label: str


def way_in(*, slug: str) -> WayIn | None:
    """The provider of the tenant `slug`; None where there is none, no such tenant, or none configured."""
    try:
        with _inside(_resolve(slug)):
            return WayIn(slug, _backend_of(_tenant()).label())
    except DomainError:
        return None


def begin(*, slug: str, places: Places, return_path: str, browser: str, invitation: str = "") -> Trip:
    """Send a browser to the provider of the tenant `slug`.

    With a `return_path` (a path of ours) the login is one for pages. `browser` is the value of the
    cookie that the browser has from an earlier trip, or "". With the token of an `invitation` of this
    tenant whoever comes back accepts it. Raises NotFound where no such tenant logs in that way,
    InvitationOver, NotConfigured, DirectoryUnavailable.
    """
    if invitation and invitations.look_at(token=invitation).tenant.slug != slug:
        raise InvitationOver
    with _inside(_resolve(slug)):
        tenant = _tenant()
        backend = _backend_of(tenant)
        kind = _PAGES if return_path else _PROGRAMS
        state = f"{kind}.{tenant.public_id}.{secrets.token_urlsafe(32)}"
        place = places.shared if backend.names_itself() else places.own
        departure = backend.depart(redirect_uri=place, state=state)
        kept = browser or secrets.token_urlsafe(32)
        rounds.open_round(
            state=state,
            browser=kept,
            nonce=departure.nonce,
            verifier=departure.verifier,
            return_path=return_path,
            invitation=invitation,
        )
    return Trip(departure.url, kept)


def is_for_pages(state: str) -> bool:
    """Whether whoever began this trip was looking at a page, by the state's own word."""
    return state.startswith(f"{_PAGES}.")


def complete(*, answer: Answer, browser: str, client: Client) -> Arrival:
    """Log in whoever comes back from the provider; every refusal is in the trail.

    An invitation that was brought along is accepted by somebody who is no member yet. Raises RoundOver,
    OtherBrowser, MixedUp, Denied, ProviderWantsYou, NoAccess, InvitationOver, UsernameTaken, what
    `arrive` of the backend raises, and what is asked for next (`steps.proceed`): for pages as StepsLeft.
    """
    tenant_id = _tenant_in(answer.state)
    with _inside(tenant_id):
        try:
            kept, identity, name = _arrive(answer, browser)
        except DomainError as error:
            _tell(error, client)
            raise
        try:
            return Arrival(logins.enter(identity=identity, backend=name, client=client), kept.return_path)
        except LoginRefused as error:
            # It is in the trail by now; and no name or password was wrong.
            raise NoAccess from error
        except DomainError as error:
            if error.is_progress and kept.return_path:
                raise StepsLeft(error, kept.return_path) from error
            raise


def _arrive(answer: Answer, browser: str) -> tuple[rounds.Round, Identity, str]:
    tenant = _tenant()
    kept = rounds.take_round(state=answer.state, browser=browser)
    backend = _backend_of(tenant)
    _ensure_not_mixed_up(answer, tenant, backend)
    if answer.error:
        raise _refusal_of(answer.error)
    if not 0 < len(answer.code) <= LONGEST_CODE:
        raise ProviderRefused
    identity = backend.arrive(
        code=answer.code, redirect_uri=answer.place, nonce=kept.nonce, verifier=kept.verifier
    )
    if kept.invitation and identity_of(issuer=identity.issuer, subject=identity.subject) is None:
        invitations.accept_identity(token=kept.invitation, identity=identity)
    return kept, identity, tenant.auth_backend


def _tell(error: DomainError, client: Client) -> None:
    here = scope.current()
    # A state names whatever tenant it likes: one that there is not has no trail, the installation has.
    tenant_id = here.tenant_id if tenants.tenant_rows().exists() else None
    data = {"way": "sso", "because": error.code, "address": client.address}
    with scope.enter(replace(here, tenant_id=tenant_id)):
        publish(Event("login.refused", "tenants.session", data=data), refusal=True)


def _ensure_not_mixed_up(answer: Answer, tenant: Tenant, backend: OpenIdBackend) -> None:
    if answer.slug and answer.slug != tenant.slug:
        raise MixedUp
    if answer.issuer:
        if not backend.is_issuer(answer.issuer):
            raise MixedUp
    elif not answer.slug or backend.names_itself():
        raise MixedUp


def _refusal_of(error: str) -> DomainError:
    """The provider's reasons (OpenID Connect Core 3.1.2.6) in our words; its own are not repeated."""
    if error == "access_denied":
        return Denied()
    if error in ("interaction_required", "login_required", "consent_required", "account_selection_required"):
        return ProviderWantsYou()
    if error in ("temporarily_unavailable", "server_error"):
        return DirectoryUnavailable()
    return ProviderRefused()


def _tenant_in(state: str) -> UUID:
    """The tenant that a state names: believed only once a trip of this very state is found there."""
    try:
        _, tenant_id, _ = state.split(".")
        return ids.decode(Tenant.public_prefix, tenant_id)
    except (ValueError, ids.InvalidId):
        raise rounds.RoundOver from None


def _resolve(slug: str) -> UUID:
    found = tenants.resolve_tenant(slug=slug) if _SLUG.fullmatch(slug) else None
    if found is None or not found.is_active:
        raise NotFound
    return found.id


def _tenant() -> Tenant:
    tenant = tenants.tenant_rows().first()
    if tenant is None or not tenant.is_active:
        raise rounds.RoundOver
    return tenant


def _backend_of(tenant: Tenant) -> OpenIdBackend:
    backend = backends().get(tenant.auth_backend)
    if not isinstance(backend, OpenIdBackend):
        raise NotFound
    return backend


def _inside(tenant_id: UUID) -> AbstractContextManager[scope.Scope]:
    return scope.enter(replace(scope.current(), tenant_id=tenant_id, actor=Actor.system("login")))
