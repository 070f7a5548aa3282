"""Who the claims of a verified token speak of."""

from typing import Any, Final

from tenants.backends.base import Identity
from tenants.backends.oidc.id_tokens import TokenForged
from tenants.backends.oidc.settings import Client
from tenants.errors import DomainError, Kind

_MOST_GROUPS: Final = 2000
# RFC 8176, section 2; whatever else a provider may say is its own affair.
_METHODS: Final = (
    *("face", "fpt", "geo", "hwk", "iris", "kba", "mca", "mfa", "otp", "pin", "pop"),
    *("pwd", "rba", "retina", "sc", "sms", "swk", "tel", "user", "vbm", "wia"),
)


class GroupsLeftOut(DomainError):
    """You are in more groups than the provider tells: your administrators have to use app roles instead."""

    kind, code = Kind.FORBIDDEN, "sso-groups-left-out"


class GroupsUnreadable(DomainError):
    """The provider tells your groups in a form that cannot be read; your administrators have to see to it."""

    kind, code = Kind.FORBIDDEN, "sso-groups-unreadable"


class OtherDirectory(DomainError):
    """You are signed in to another directory than your company's."""

    kind, code = Kind.UNAUTHENTICATED, "sso-other-directory"


def subject_of(claims: dict[str, Any], client: Client) -> str:
    """What the provider calls this person for ever: `sub`, or `oid` in a directory of Entra.

    Entra's `sub` differs from app to app. Raises OtherDirectory, TokenForged.
    """
    if client.directory and claims.get("tid") != client.directory:
        raise OtherDirectory
    subject = claims.get("oid" if client.directory else "sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not subject.isprintable():
        raise TokenForged
    return subject


def groups_of(claims: dict[str, Any], client: Client) -> frozenset[str] | None:
    """The groups in the claims, None if these say nothing about groups.

    Entra leaves groups out when there are more than fit, and says where they could be asked for
    (`_claim_names`, `hasgroups`): that is never taken for "no groups". Raises GroupsLeftOut,
    GroupsUnreadable.
    """
    name = client.groups_claim
    elsewhere = claims.get("_claim_names")
    if (isinstance(elsewhere, dict) and name in elsewhere) or (name == "groups" and claims.get("hasgroups")):
        raise GroupsLeftOut
    if name not in claims:
        return None
    found = claims[name]
    listed = [found] if isinstance(found, str) else found
    if not isinstance(listed, list) or len(listed) > _MOST_GROUPS:
        raise GroupsUnreadable
    if not all(isinstance(each, str) and each.isprintable() for each in listed):
        raise GroupsUnreadable
    return frozenset(each for each in listed if each)


def identity_of(
    claims: dict[str, Any], *, client: Client, groups: frozenset[str], renewal: str, factors: tuple[str, ...]
) -> Identity:
    """The person these verified claims speak of; names and address are cut to what can be kept."""
    subject = subject_of(claims, client)
    email = _text(claims, "email", 254)
    return Identity(
        issuer=client.issuer,
        subject=subject,
        username=_text(claims, client.username_claim, 150) or email[:150] or subject[:150],
        name=_text(claims, "name", 200),
        email=email if "@" in email else "",
        groups=groups,
        renewal=renewal,
        factors=factors,
    )


def factors_of(claims: dict[str, Any], *, client: Client) -> tuple[str, ...]:
    """The proofs that the provider says it has seen (`amr`).

    What it says counts as ours only where the tenant trusts it with the second factor; otherwise it
    stands behind "sso:", for the record.
    """
    said = claims.get("amr")
    seen = sorted({each for each in said if each in _METHODS}) if isinstance(said, list) else []
    return tuple(each if client.trusts_second_factor else f"sso:{each}" for each in seen)


def _text(claims: dict[str, Any], name: str, limit: int) -> str:
    found = claims.get(name)
    if not isinstance(found, str):
        return ""
    return "".join(mark for mark in found if mark.isprintable()).strip()[:limit]
