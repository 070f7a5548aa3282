"""Access and refresh tokens: JWTs of one algorithm, signed by one key, verified by a few.

simplejwt encodes and decodes; this subclass decides which headers are believed. A token names its
key by `kid`, a thumbprint that must be among ours; everything else a header could bring along (`jwk`,
`jku`, `x5u`, `crit`, …) is refused. Both kinds name the tenant, so that nothing has to be searched
across tenants; that claim is believed only once the signature is.
"""

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenBackendExpiredToken

from tenants import ids
from tenants.errors import DomainError, Kind

ALGORITHMS: Final = ("HS256", "RS256", "EdDSA")
ACCESS: Final = "at+jwt"
REFRESH: Final = "rt+jwt"
CHALLENGE: Final = "ch+jwt"
LARGEST_TOKEN: Final = 4096
LARGEST_LEEWAY: Final = 60
_HEADERS: Final = {"alg", "typ", "kid"}
_REQUIRED: Final = ["iss", "aud", "sub", "exp", "iat", "jti", "tenant", "mid", "sid", "auth_time"]


class InvalidToken(DomainError):
    """This token is not valid."""

    kind, code = Kind.UNAUTHENTICATED, "invalid-token"


class ExpiredToken(InvalidToken):
    """This token has expired."""

    code = "token-expired"


@dataclass(frozen=True, slots=True)
class Key:
    """One key: `sign` is None for those that only verify; `public` is its JWK where there is one."""

    kid: str
    sign: Any
    verify: Any
    public: dict[str, str] | None


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says. Times are seconds since the epoch, UTC."""

    tenant_id: UUID
    user_id: UUID
    membership_id: UUID
    session_id: UUID
    token_id: UUID
    issued_at: int
    expires_at: int
    auth_time: int


class SignedTokens(TokenBackend):
    """Tokens of one `typ`, as simplejwt's backend with a ring of keys.

    The first of `keys` signs; all verify. `leeway` is in seconds, at most 60.
    """

    def __init__(
        self, *, typ: str, algorithm: str, keys: tuple[str, ...], audience: str, issuer: str, leeway: int
    ) -> None:
        if not 0 <= leeway <= LARGEST_LEEWAY:
            raise ImproperlyConfigured(f"JWT_LEEWAY_SECONDS must be 0 to {LARGEST_LEEWAY}.")
        super().__init__(algorithm=algorithm, audience=audience, issuer=issuer, leeway=leeway)
        self.typ = typ
        ring = [_read_key(algorithm, text) for text in keys]
        self.current = ring[0]
        self.ring = {key.kid: key for key in ring}

    def _validate_algorithm(self, algorithm: str) -> None:
        if algorithm not in ALGORITHMS:
            raise ImproperlyConfigured(f"JWT_ALGORITHM must be one of {', '.join(ALGORITHMS)}.")

    def encode(self, payload: dict[str, Any]) -> str:
        """A signed token with these claims and our issuer and audience."""
        return jwt.encode(
            {**payload, "iss": self.issuer, "aud": self.audience},
            self.current.sign,
            algorithm=self.algorithm,
            headers={"typ": self.typ, "kid": self.current.kid},
        )

    def get_verifying_key(self, token: Any) -> Any:
        """The key that the header names, if the header is one of ours. Raises TokenBackendError."""
        try:
            header = jwt.get_unverified_header(token)
        except jwt.InvalidTokenError as error:
            raise TokenBackendError("malformed") from error
        if header.keys() != _HEADERS or header["alg"] != self.algorithm or header["typ"] != self.typ:
            raise TokenBackendError("not one of our headers")
        key = self.ring.get(header["kid"]) if isinstance(header["kid"], str) else None
        if key is None:
            raise TokenBackendError("not one of our keys")
        return key.verify

    def decode(self, token: Any, verify: bool = True) -> dict[str, Any]:
        """The claims of a token that is ours and in its time. Raises TokenBackendError."""
        if not verify or len(token) > LARGEST_TOKEN:
            raise TokenBackendError("tokens are verified here, or not read at all")
        claims = super().decode(token)
        if any(name not in claims for name in _REQUIRED) or claims["aud"] != self.audience:
            raise TokenBackendError("a claim is missing")
        return claims

    def issue(self, claims: Claims) -> str:
        """The token that says `claims`."""
        return self.encode(
            {
                "sub": ids.encode("usr", claims.user_id),
                "tenant": ids.encode("ten", claims.tenant_id),
                "mid": ids.encode("mem", claims.membership_id),
                "sid": ids.encode("ses", claims.session_id),
                "jti": ids.encode("tok", claims.token_id),
                "iat": claims.issued_at,
                "exp": claims.expires_at,
                "auth_time": claims.auth_time,
            }
        )

    def verify(self, token: str) -> Claims:
        """What `token` says. Raises InvalidToken, ExpiredToken."""
        try:
            found = self.decode(token)
            return Claims(
                tenant_id=ids.decode("ten", found["tenant"]),
                user_id=ids.decode("usr", found["sub"]),
                membership_id=ids.decode("mem", found["mid"]),
                session_id=ids.decode("ses", found["sid"]),
                token_id=ids.decode("tok", found["jti"]),
                issued_at=int(found["iat"]),
                expires_at=int(found["exp"]),
                auth_time=int(found["auth_time"]),
            )
        except TokenBackendExpiredToken as error:
            raise ExpiredToken from error
        except (TokenBackendError, ids.InvalidId, ValueError, TypeError, AttributeError) as error:
            raise InvalidToken from error


@cache
def access_tokens() -> SignedTokens:
    """Tokens for the API, presented as Bearer."""
    return _from_settings(ACCESS)


@cache
def refresh_tokens() -> SignedTokens:
    """Tokens that are good for nothing but a new pair."""
    return _from_settings(REFRESH)


@cache
def challenge_tokens() -> SignedTokens:
    """Tokens that are good for nothing but the next step of a login; `session_id` is the challenge's."""
    return _from_settings(CHALLENGE)


def public_keys() -> list[dict[str, str]]:
    """The JWKs by which others can verify our access tokens; none with HS256."""
    return [key.public for key in access_tokens().ring.values() if key.public is not None]


def _from_settings(typ: str) -> SignedTokens:
    return SignedTokens(
        typ=typ,
        algorithm=settings.JWT_ALGORITHM,
        keys=(settings.JWT_SIGNING_KEY, *settings.JWT_PREVIOUS_KEYS),
        audience=settings.JWT_AUDIENCE,
        issuer=settings.JWT_ISSUER,
        leeway=settings.JWT_LEEWAY_SECONDS,
    )


def _read_key(algorithm: str, text: str) -> Key:
    if algorithm == "HS256":
        # Derived, because SECRET_KEY signs other things too and may be of any length.
        secret = hmac.digest(text.encode(), b"quittance tokens", "sha256")
        return Key(_thumbprint({"k": hashlib.sha256(secret).hexdigest()}), secret, secret, None)
    pem = text.encode()
    try:
        private = load_pem_private_key(pem, None) if b"PRIVATE KEY" in pem else None
        public = load_pem_public_key(pem) if private is None else private.public_key()
        method = jwt.get_algorithm_by_name(algorithm)
        jwk = {
            name: str(value)
            for name, value in method.to_jwk(public, as_dict=True).items()
            if name != "key_ops"
        }
    except (ValueError, TypeError, jwt.InvalidKeyError) as error:
        raise ImproperlyConfigured(f"A signing key is not a PEM key for {algorithm}.") from error
    kid = _thumbprint({name: jwk[name] for name in ("crv", "e", "kty", "n", "x") if name in jwk})
    return Key(kid, private, public, {**jwk, "kid": kid, "alg": algorithm, "use": "sig"})


def _thumbprint(members: dict[str, str]) -> str:
    """RFC 7638: the digest of the required members, sorted, without white space."""
    text = json.dumps(members, sort_keys=True, separators=(",", ":"))
    return urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
