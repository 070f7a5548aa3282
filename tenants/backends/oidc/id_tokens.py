"""Whether an ID token says what it says: OpenID Connect Core 3.1.3.7, and nothing left out.

The token came from the provider itself over TLS, for which the standard would let the signature go
unverified; it is verified all the same, as everything a login stands on.
"""

import hashlib
import hmac
from typing import Any, Final

import jwt

from tenants.backends.oidc.discovery import Provider, SigningKey, keys_of
from tenants.errors import DomainError, Kind

# Public keys only: with "none" or a shared secret anybody who knows the provider could sign.
ALGORITHMS: Final = {
    "RS256": "RSA",
    "RS384": "RSA",
    "RS512": "RSA",
    "PS256": "RSA",
    "PS384": "RSA",
    "PS512": "RSA",
    "ES256": "EC",
    "ES384": "EC",
    "ES512": "EC",
    "EdDSA": "OKP",
}
LARGEST_TOKEN: Final = 64 * 1024
_LEEWAY_SECONDS: Final = 60
_REQUIRED: Final = ["iss", "sub", "aud", "exp", "iat"]


class TokenForged(DomainError):
    """The provider's answer could not be verified, so nobody was logged in; try again."""

    kind, code = Kind.UNAUTHENTICATED, "sso-answer-invalid"


def verify(token: str, *, provider: Provider, client_id: str, nonce: str | None, ca: str) -> dict[str, Any]:
    """The claims of an ID token that this provider signed for this client, for the login at hand.

    `nonce` is the one that was hashed into the request (msal sends its SHA-256), None where no browser
    took part. A key that is not known yet is looked for once more at the provider, which may have
    changed its keys. Raises TokenForged, DirectoryUnavailable, AnswerUnusable.
    """
    algorithm, kid = _read_header(token, provider)
    key = _key_for(algorithm, kid, provider, ca)
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key.public,
            algorithms=[algorithm],
            audience=client_id,
            issuer=provider.issuer,
            leeway=_LEEWAY_SECONDS,
            options={"require": _REQUIRED},
        )
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise TokenForged from error
    if not _is_meant_for(client_id, claims) or not _fits(nonce, claims):
        raise TokenForged
    return claims


def _read_header(token: str, provider: Provider) -> tuple[str, str | None]:
    if len(token) > LARGEST_TOKEN:
        raise TokenForged
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError as error:
        raise TokenForged from error
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS or (provider.algorithms and algorithm not in provider.algorithms):
        raise TokenForged
    if not (kid is None or isinstance(kid, str)):
        raise TokenForged
    return algorithm, kid


def _key_for(algorithm: str, kid: str | None, provider: Provider, ca: str) -> SigningKey:
    for anew in (False, True):
        fitting = [
            each
            for each in keys_of(provider, ca=ca, anew=anew)
            if each.kind == ALGORITHMS[algorithm]
            and each.algorithm in ("", algorithm)
            and kid in (None, each.kid)
        ]
        # Without a name the choice must not be ours to make.
        if len(fitting) == 1:
            return fitting[0]
    raise TokenForged


def _is_meant_for(client_id: str, claims: dict[str, Any]) -> bool:
    audience, party = claims["aud"], claims.get("azp")
    if isinstance(audience, list) and len(audience) > 1 and party is None:
        return False
    return party in (None, client_id) and isinstance(claims["sub"], str) and bool(claims["sub"])


def _fits(nonce: str | None, claims: dict[str, Any]) -> bool:
    if nonce is None:
        return True
    found = claims.get("nonce")
    expected = hashlib.sha256(nonce.encode()).hexdigest()
    return isinstance(found, str) and hmac.compare_digest(found.encode(), expected.encode())
