"""Trips of a browser to a provider and back: each is good for one return, in the browser it began in."""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from django.utils import timezone

from tenants.errors import DomainError, Kind
from tenants.models import SsoRound
from tenants.scope import require_tenant_id

LIFETIME: Final = timedelta(minutes=10)


class RoundOver(DomainError):
    """This login was begun too long ago, or is over already; begin again."""

    kind, code = Kind.INVALID, "sso-state-invalid"


class OtherBrowser(DomainError):
    """This login was begun in another browser; begin again in this one. Cookies must be allowed."""

    kind, code = Kind.INVALID, "sso-other-browser"


@dataclass(frozen=True, slots=True)
class Round:
    """What had to be kept while the browser was away. `return_path` is "" for programs."""

    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    return_path: str
    invitation: str = field(default="", repr=False)


def open_round(
    *, state: str, browser: str, nonce: str, verifier: str, return_path: str, invitation: str = ""
) -> None:
    """Keep a trip that is about to begin, in the current tenant; one statement.

    `state` and `browser` (the cookie's value) are kept as digests: whoever reads the table cannot return.
    """
    SsoRound.objects.create(
        tenant_id=require_tenant_id(),
        digest=_digest(state),
        browser=_digest(browser),
        nonce=nonce,
        verifier=verifier,
        return_path=return_path,
        invitation=invitation,
        expires_at=timezone.now() + LIFETIME,
    )


def take_round(*, state: str, browser: str) -> Round:
    """The trip of this state, which nobody can return from again. Raises RoundOver, OtherBrowser.

    Of several returns at once one statement lets one through. In another browser nothing is used up.
    """
    now = timezone.now()
    found = SsoRound.objects.filter(digest=_digest(state)).first()
    if found is None:
        raise RoundOver
    if not browser or not hmac.compare_digest(bytes(found.browser), _digest(browser)):
        raise OtherBrowser
    open_rounds = SsoRound.objects.filter(id=found.id, used_at=None, expires_at__gt=now)
    if not open_rounds.update(used_at=now, updated_at=now):
        raise RoundOver
    return Round(
        nonce=found.nonce,
        verifier=found.verifier,
        return_path=found.return_path,
        invitation=found.invitation,
    )


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
