"""Passkeys: what a browser is asked for and whether its answer holds (W3C Web Authentication, level 2).

The library's types and errors stop here. The relying party is the host of PUBLIC_BASE_URL and answers
count only from that origin, whatever a request says about itself. Whoever uses a passkey is verified by
the authenticator (a PIN, a finger), and its counter never goes back.
"""

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from django.conf import settings
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, generate_challenge
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from tenants.errors import DomainError, Kind

LONGEST_CREDENTIAL_ID: Final = 1023
LONGEST_PUBLIC_KEY: Final = 2048
_PATIENCE_MILLISECONDS: Final = 120_000
_RP_NAME: Final = "Quittance"
_USUAL_PORTS: Final = {"http": 80, "https": 443}
# What the library lets through of its parsers when it is given bytes that are no credential.
_MALFORMED: Final = (
    WebAuthnException,
    UnsupportedAlgorithm,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
)


class PasskeysUnavailable(DomainError):
    """Browsers offer passkeys to a host with a name only, and this installation is reached by its number."""

    kind, code = Kind.CONFLICT, "passkeys-unavailable"


class PasskeyRefused(DomainError):
    """What the browser sent about this passkey does not hold."""

    kind, code = Kind.UNPROCESSABLE, "passkey-refused"


@dataclass(frozen=True, slots=True)
class Known:
    """A passkey that is registered; `transports` are the ways to reach it, as its browser named them."""

    credential_id: bytes
    transports: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Registered:
    """A new passkey: what to keep of it."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: list[str]


def are_possible() -> bool:
    """Whether browsers would take part: the host of PUBLIC_BASE_URL is a name, not an IP address."""
    try:
        ip_address(_relying_party())
    except ValueError:
        return True
    return False


def new_challenge() -> bytes:
    """64 random bytes."""
    return generate_challenge()


def registration_options(
    *, challenge: bytes, handle: bytes, account: str, name: str, known: Sequence[Known]
) -> dict[str, Any]:
    """For `PublicKeyCredential.parseCreationOptionsFromJSON`; authenticators in `known` are left out.

    `handle` names the member to the authenticator: at most 64 bytes, nothing personal. Raises
    PasskeysUnavailable.
    """
    _ensure_possible()
    options = generate_registration_options(
        rp_id=_relying_party(),
        rp_name=_RP_NAME,
        user_id=handle,
        user_name=account,
        user_display_name=name,
        challenge=challenge,
        timeout=_PATIENCE_MILLISECONDS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[_described(each) for each in known],
    )
    return _json(options_to_json(options))


def assertion_options(*, challenge: bytes, known: Sequence[Known]) -> dict[str, Any]:
    """For `PublicKeyCredential.parseRequestOptionsFromJSON`. Raises PasskeysUnavailable."""
    _ensure_possible()
    options = generate_authentication_options(
        rp_id=_relying_party(),
        challenge=challenge,
        timeout=_PATIENCE_MILLISECONDS,
        allow_credentials=[_described(each) for each in known],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _json(options_to_json(options))


def verify_registration(*, credential: Any, challenge: bytes) -> Registered:
    """What `credential`, in the JSON form of the browser, registers. Raises PasskeyRefused."""
    try:
        found = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=_relying_party(),
            expected_origin=_origin(),
            require_user_verification=True,
        )
        transports = credential["response"].get("transports")
    except _MALFORMED as error:
        raise PasskeyRefused from error
    if (
        len(found.credential_id) > LONGEST_CREDENTIAL_ID
        or len(found.credential_public_key) > LONGEST_PUBLIC_KEY
    ):
        raise PasskeyRefused
    named = {each.value for each in AuthenticatorTransport}
    return Registered(
        credential_id=found.credential_id,
        public_key=found.credential_public_key,
        sign_count=found.sign_count,
        transports=[each for each in transports if each in named] if isinstance(transports, list) else [],
    )


def credential_id_of(credential: Any) -> bytes:
    """Which passkey `credential` claims to be. Raises PasskeyRefused."""
    try:
        return base64url_to_bytes(credential["id"])
    except _MALFORMED as error:
        raise PasskeyRefused from error


def verify_assertion(*, credential: Any, challenge: bytes, public_key: bytes, sign_count: int) -> int:
    """The counter of the passkey after its use. Raises PasskeyRefused, also if it has not grown.

    An authenticator without a counter always says 0.
    """
    try:
        found = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=_relying_party(),
            expected_origin=_origin(),
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except _MALFORMED as error:
        raise PasskeyRefused from error
    return found.new_sign_count


def _ensure_possible() -> None:
    if not are_possible():
        raise PasskeysUnavailable


def _relying_party() -> str:
    return urlsplit(settings.PUBLIC_BASE_URL).hostname or ""


def _origin() -> str:
    """As browsers write it: without the port that goes without saying (RFC 6454)."""
    base = urlsplit(settings.PUBLIC_BASE_URL)
    port = "" if base.port in (None, _USUAL_PORTS.get(base.scheme)) else f":{base.port}"
    return f"{base.scheme}://{base.hostname}{port}"


def _described(known: Known) -> PublicKeyCredentialDescriptor:
    transports = [AuthenticatorTransport(each) for each in known.transports]
    return PublicKeyCredentialDescriptor(id=known.credential_id, transports=transports or None)


def _json(text: str) -> dict[str, Any]:
    options: dict[str, Any] = json.loads(text)
    return options
