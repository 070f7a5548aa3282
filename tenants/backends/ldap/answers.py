"""What answers of a directory mean: no verdict, a refusal, or more than their code says."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

import ldap
from ldap.controls import ResponseControl
from ldap.controls.libldap import SimplePagedResultsControl
from ldap.controls.ppolicy import PasswordPolicyControl

from tenants.backends.ldap.errors import Misconfigured, Unreachable

# The server is not well, or says nothing: whether the request is right is not known.
AILING: Final = (
    ldap.SERVER_DOWN,
    ldap.TIMEOUT,
    ldap.TIMELIMIT_EXCEEDED,
    ldap.ADMINLIMIT_EXCEEDED,
    ldap.BUSY,
    ldap.UNAVAILABLE,
    ldap.CONNECT_ERROR,
    ldap.DECODING_ERROR,
    ldap.LOCAL_ERROR,
    ldap.OPERATIONS_ERROR,
    ldap.OTHER,
    ldap.PROTOCOL_ERROR,
)


@contextmanager
def verdicts(step: str) -> Iterator[None]:
    """Turns what python-ldap raises into Unreachable and Misconfigured."""
    try:
        with answers(step):
            yield
    except ldap.LDAPError as error:
        raise Misconfigured(step, f"The server refuses: {name_of(error)}.") from error


@contextmanager
def answers(step: str) -> Iterator[None]:
    """Turns what says nothing about the request into Unreachable; refusals stay what they are."""
    try:
        yield
    except AILING as error:
        raise Unreachable(step, f"No answer: {name_of(error)}.") from error


def name_of(error: ldap.LDAPError) -> str:
    """LDAP's words for a result, which hold nothing of the request."""
    described = _details_of(error).get("desc")
    return str(described) if described else type(error).__name__


def info_of(error: ldap.LDAPError) -> str:
    """The server's own words, '' if it has none."""
    return str(_details_of(error).get("info") or "")


def _details_of(error: ldap.LDAPError) -> Mapping[str, object]:
    details = error.args[0] if error.args else None
    return details if isinstance(details, dict) else {}


def controls_of(error: ldap.LDAPError) -> list[ResponseControl]:
    """The controls that came with a refusal."""
    raw = _details_of(error).get("ctrls")
    return ldap.controls.DecodeControlTuples(raw) if isinstance(raw, list) else []


def policy_of(controls: Sequence[ResponseControl]) -> tuple[int | None, int | None]:
    """The error and the logins left of the password policy control, each None if it says nothing of it."""
    for control in controls:
        if isinstance(control, PasswordPolicyControl):
            return control.error, control.graceAuthNsRemaining
    return None, None


def cookie_of(controls: Sequence[ResponseControl]) -> str | bytes:
    """What asks for the next page; empty after the last one."""
    for control in controls:
        if isinstance(control, SimplePagedResultsControl):
            return control.cookie
    return ""
