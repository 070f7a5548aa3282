"""What forms send to show who one is: a password, a code of either kind, or what a passkey answered."""

import json
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta

from tenants import ids
from tenants.domain.factors import Answer, Method
from tenants.domain.passwords import LONGEST
from tenants.domain.recovery import LENGTH
from tenants.domain.totp import DIGITS
from tenants.http.values import Body

LONGEST_CREDENTIAL = 20_000


class ProofIn(Body, kw_only=True):
    """Whatever of it was filled in; the rest is empty."""

    password: Annotated[str, Meta(max_length=LONGEST)] = ""
    code: Annotated[str, Meta(max_length=64)] = ""
    ceremony: Annotated[str, Meta(max_length=40)] = ""
    credential: Annotated[str, Meta(max_length=LONGEST_CREDENTIAL)] = ""
    csrfmiddlewaretoken: str = ""


def proof_in(given: ProofIn) -> Answer | None:
    """The one that was given, a passkey before a code before a password; None if all are empty."""
    if given.credential:
        return Answer(
            Method.PASSKEY, credential=credential_in(given.credential), ceremony=_ceremony(given.ceremony)
        )
    if given.code.strip():
        return code_in(given.code)
    return Answer(Method.PASSWORD, text=given.password) if given.password else None


def code_in(text: str) -> Answer:
    """A code of an app, or a recovery code: these are told apart by their length."""
    plain = text.replace(" ", "").replace("-", "")
    is_recovery = len(plain) > (DIGITS + LENGTH) // 2
    return Answer(Method.RECOVERY_CODE if is_recovery else Method.TOTP, text=text.strip())


def credential_in(text: str) -> Any:
    """What the browser made of a passkey; None for a text that is no JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _ceremony(text: str) -> UUID | None:
    try:
        return ids.decode("chl", text)
    except ids.InvalidId:
        return None
