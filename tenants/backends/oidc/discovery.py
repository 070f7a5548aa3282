"""What a provider says about itself, and the keys it signs with; both are kept for a few minutes."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar
from urllib.parse import urlsplit

import jwt

from tenants.backends.oidc.wire import AnswerUnusable, ask_json

WELL_KNOWN: Final = "/.well-known/openid-configuration"
_KEEP_SECONDS: Final = 600.0
_KEEP_AT_MOST: Final = 512
T = TypeVar("T")


class IssuerMismatch(AnswerUnusable):
    """The provider calls itself by another name than the one that was configured."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider that has been discovered. All addresses are https.

    `names_itself` says that its answers to the browser carry `iss` (RFC 9207). `takes_secret_in_body`
    is how it wants to be shown the client's secret. `document` is the whole of what it said.
    """

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    names_itself: bool
    takes_secret_in_body: bool
    algorithms: frozenset[str]
    document: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One public key of a provider, with what its JWK says about it; "" where that says nothing."""

    kid: str
    kind: str
    algorithm: str
    public: Any


class _Memory(Generic[T]):
    """Keeps answers for a while; `clock` is in seconds. One tenant's trust never serves another's."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[tuple[str, str], tuple[float, T]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[str, str], make: Callable[[], T], *, anew: bool = False) -> T:
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None and not anew and self._clock() < kept[0]:
            return kept[1]
        made = make()
        with self._lock:
            self._kept[key] = (self._clock() + _KEEP_SECONDS, made)
            self._kept.move_to_end(key)
            while len(self._kept) > _KEEP_AT_MOST:
                self._kept.popitem(last=False)
        return made

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()


_providers: _Memory[Provider] = _Memory()
_keys: _Memory[list[SigningKey]] = _Memory()


def forget() -> None:
    """Ask every provider anew at the next occasion."""
    _providers.clear()
    _keys.clear()


def discover(*, issuer: str, url: str, ca: str, anew: bool = False) -> Provider:
    """The provider whose document is at `url` and who must call itself `issuer`, to the letter.

    Raises DirectoryUnavailable, IssuerMismatch, AnswerUnusable.
    """

    def read() -> Provider:
        return _read(ask_json(url, issuer=issuer, ca=ca), issuer)

    return _providers.get((f"{url} {issuer}", ca), read, anew=anew)


def keys_of(provider: Provider, *, ca: str, anew: bool = False) -> list[SigningKey]:
    """The public keys a provider signs with. Raises DirectoryUnavailable, AnswerUnusable."""
    return _keys.get(
        (f"{provider.jwks_uri} {provider.issuer}", ca), lambda: _read_keys(provider, ca), anew=anew
    )


def _read(document: dict[str, Any], issuer: str) -> Provider:
    said = document.get("issuer")
    if said != issuer:
        raise IssuerMismatch(f"the provider calls itself {str(said)[:200]!r}, expected is {issuer!r}")
    methods = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    return Provider(
        issuer=issuer,
        authorization_endpoint=_address(document, "authorization_endpoint"),
        token_endpoint=_address(document, "token_endpoint"),
        jwks_uri=_address(document, "jwks_uri"),
        userinfo_endpoint=_address(document, "userinfo_endpoint") if "userinfo_endpoint" in document else "",
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
        takes_secret_in_body=isinstance(methods, list) and "client_secret_post" in methods,
        algorithms=_texts(document.get("id_token_signing_alg_values_supported")),
        document=document,
    )


def _address(document: dict[str, Any], name: str) -> str:
    found = document.get(name)
    try:
        parts = urlsplit(found) if isinstance(found, str) else None
    except ValueError:
        parts = None
    if parts is None or parts.scheme != "https" or not parts.hostname or parts.username is not None:
        raise AnswerUnusable(f"its {name} is not an https address")
    return str(found)


def _texts(found: Any) -> frozenset[str]:
    return (
        frozenset(each for each in found if isinstance(each, str)) if isinstance(found, list) else frozenset()
    )


def _read_keys(provider: Provider, ca: str) -> list[SigningKey]:
    listed = ask_json(provider.jwks_uri, issuer=provider.issuer, ca=ca).get("keys")
    found = [_read_key(each) for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    keys = [each for each in found if each is not None]
    if not keys:
        raise AnswerUnusable("its key set holds no key that can be used")
    return keys


def _read_key(jwk: dict[str, Any]) -> SigningKey | None:
    """None for keys that are not for signing, are shared secrets, or of a kind nobody here knows."""
    kid, kind, algorithm = (jwk.get(name, "") for name in ("kid", "kty", "alg"))
    texts = isinstance(kid, str) and isinstance(algorithm, str)
    if jwk.get("use", "sig") != "sig" or kind not in ("RSA", "EC", "OKP") or not texts:
        return None
    try:
        return SigningKey(kid, kind, algorithm, jwt.PyJWK(jwk).key)
    except (jwt.PyJWTError, TypeError, AttributeError, ValueError, KeyError):
        return None
