"""Tokens that somebody else made: every row of BAD_INPUT.md on tokens, and a few more."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.test.utils import override_settings
from django.utils import timezone
from rest_framework_simplejwt.exceptions import TokenBackendError

from tenants import ids, tokens, verified
from tenants.models import Tenant
from tests.factories import ApiClient, client_of, make_member

Claims = dict[str, Any]


def pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_pem(private: str) -> bytes:
    key = tokens._read_key("RS256", private)
    return key.verify.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[no-any-return]


RSA, OTHER_RSA = (pem(rsa.generate_private_key(65537, 2048)) for _ in range(2))
EDWARDS, OTHER_EDWARDS = (pem(ed25519.Ed25519PrivateKey.generate()) for _ in range(2))


@pytest.fixture
def signing() -> Iterator[Callable[..., None]]:
    """`signing("RS256", RSA)`: the installation signs like that from now on."""
    overridden: list[Any] = []

    def forget() -> None:
        tokens.access_tokens.cache_clear()
        tokens.refresh_tokens.cache_clear()
        # Keys change with the process, which remembers nothing then.
        verified.tokens.drop(lambda _: True)

    def use(algorithm: str, key: str, *previous: str) -> None:
        context = override_settings(JWT_ALGORITHM=algorithm, JWT_SIGNING_KEY=key, JWT_PREVIOUS_KEYS=previous)
        context.enable()
        overridden.append(context)
        forget()

    yield use
    while overridden:
        overridden.pop().disable()
    forget()


def present(token: str) -> Any:
    return ApiClient(HTTP_AUTHORIZATION=f"Bearer {token}").get("/api/v2/auth/me")


def encoded(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def taken_apart(token: str) -> tuple[Claims, Claims]:
    """Header and claims of a token, unverified."""
    return jwt.get_unverified_header(token), jwt.decode(token, options={"verify_signature": False})


def signed_anew(token: str, *, header: Claims | None = None, claims: Claims | None = None) -> str:
    """The token with other members, under our own key: only the checks are left. None removes one."""
    old_header, old_claims = taken_apart(token)
    ours = tokens.access_tokens().current

    def changed(old: Claims, new: Claims | None) -> Claims:
        return {name: value for name, value in {**old, **(new or {})}.items() if value is not None}

    signing = f"{encoded(changed(old_header, header))}.{encoded(changed(old_claims, claims))}"
    return f"{signing}.{encoded(hmac.digest(ours.sign, signing.encode(), 'sha256'))}"


def now() -> int:
    return int(timezone.now().timestamp())


HEADERS: dict[str, Claims] = {
    "alg none": {"alg": "none"},
    "alg None": {"alg": "None"},
    "alg HS512": {"alg": "HS512"},
    "alg missing": {"alg": None},
    "kid of a path": {"kid": "../../../../dev/null"},
    "kid of SQL": {"kid": "x' UNION SELECT 'secret' --"},
    "kid empty": {"kid": ""},
    "kid a number": {"kid": 7},
    "kid a list": {"kid": ["x"]},
    "kid missing": {"kid": None},
    "jku": {"jku": "https://evil.example/jwks.json"},
    "x5u": {"x5u": "https://evil.example/cert.pem"},
    "x5c": {"x5c": ["MIIB"]},
    "jwk": {"jwk": {"kty": "oct", "k": "c2VjcmV0"}},
    "crit": {"crit": ["exp"]},
    "b64": {"b64": False},
    "zip": {"zip": "DEF"},
    "typ JWT": {"typ": "JWT"},
    "typ missing": {"typ": None},
    "typ of refresh": {"typ": "rt+jwt"},
}
CLAIMS: dict[str, Callable[[], Claims]] = {
    "wrong aud": lambda: {"aud": "another-api"},
    "aud a list with ours": lambda: {"aud": ["quittance-api", "another-api"]},
    "aud missing": lambda: {"aud": None},
    "wrong iss": lambda: {"iss": "https://evil.example"},
    "iss missing": lambda: {"iss": None},
    "expired": lambda: {"exp": now() - settings.JWT_LEEWAY_SECONDS - 1},
    "exp missing": lambda: {"exp": None},
    "exp text": lambda: {"exp": "never"},
    "exp infinite": lambda: {"exp": 1e400},
    "nbf in the future": lambda: {"nbf": now() + 61},
    "iat in the future": lambda: {"iat": now() + 61},
    "sub of nobody": lambda: {"sub": "usr_00000000000000000000000000"},
    "sub no id": lambda: {"sub": "1 OR 1=1"},
    "sub a number": lambda: {"sub": 1},
    "sid of nobody": lambda: {"sid": "ses_00000000000000000000000000"},
    "sid missing": lambda: {"sid": None},
    "tenant missing": lambda: {"tenant": None},
    "tenant no id": lambda: {"tenant": "acme"},
    "tenant an object": lambda: {"tenant": {"id": "acme"}},
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS.keys())
def test_a_header_of_another_making_is_refused(acme_client: ApiClient, header: Claims) -> None:
    assert present(signed_anew(acme_client.access)).status_code == 200
    answer = present(signed_anew(acme_client.access, header=header))
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid-token")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("claims", CLAIMS.values(), ids=CLAIMS.keys())
def test_claims_that_do_not_hold_are_refused(acme_client: ApiClient, claims: Callable[[], Claims]) -> None:
    assert present(signed_anew(acme_client.access, claims=claims())).status_code in (401, 403)


@pytest.mark.parametrize("name", ["sub", "sid", "mid", "tenant"])
def test_claims_of_two_logins_do_not_mix(globex_client: ApiClient, acme_client: ApiClient, name: str) -> None:
    _, foreign = taken_apart(globex_client.access)
    mixed = signed_anew(acme_client.access, claims={name: foreign[name]})
    assert present(mixed).status_code in (401, 403)


def test_a_tenant_claim_without_a_membership_is_403(acme_client: ApiClient, globex: Tenant) -> None:
    answer = present(signed_anew(acme_client.access, claims={"tenant": globex.public_id}))
    assert (answer.status_code, answer.json()["code"]) == (403, "membership-revoked")


def test_a_session_of_a_colleague_is_not_taken(acme: Tenant, acme_client: ApiClient) -> None:
    _, colleague = taken_apart(client_of(make_member(acme)).access)
    answer = present(signed_anew(acme_client.access, claims={"sid": colleague["sid"]}))
    assert (answer.status_code, answer.json()["code"]) == (401, "session-over")


@pytest.mark.parametrize("skew", [0, settings.JWT_LEEWAY_SECONDS])
def test_clocks_may_differ_a_little(acme_client: ApiClient, skew: int) -> None:
    assert present(signed_anew(acme_client.access, claims={"iat": now() + skew})).status_code == 200


def test_the_leeway_never_exceeds_a_minute(acme_client: ApiClient) -> None:
    with pytest.raises(ImproperlyConfigured):
        replaced(leeway=61)
    assert settings.JWT_LEEWAY_SECONDS <= 60
    _, claims = taken_apart(acme_client.access)
    with time_machine.travel(claims["exp"] + 61, tick=False):
        assert present(acme_client.access).json()["code"] == "token-expired"


def replaced(**changes: Any) -> tokens.SignedTokens:
    ours: dict[str, Any] = {
        "typ": tokens.ACCESS,
        "algorithm": "HS256",
        "keys": ("a secret",),
        "audience": "quittance-api",
        "issuer": "quittance",
        "leeway": 30,
    }
    return tokens.SignedTokens(**{**ours, **changes})


@pytest.mark.parametrize("algorithm", ["none", "HS384", "ES256", "RS512", ""])
def test_an_installation_signs_by_one_of_three_algorithms(algorithm: str) -> None:
    with pytest.raises(ImproperlyConfigured):
        replaced(algorithm=algorithm)


def test_a_refresh_token_gives_no_access_and_an_access_token_no_refresh(acme_client: ApiClient) -> None:
    assert present(acme_client.refresh).status_code == 401
    for action in ("refresh", "logout"):
        answer = ApiClient().post(f"/api/v2/auth/{action}", {"refresh": acme_client.access})
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid-token")


def garbage(token: str) -> dict[str, str]:
    head, body, signature = token.split(".")

    def with_header(raw: bytes) -> str:
        return f"{encoded(raw)}.{body}.{signature}"

    flipped = ("A" if signature[0] != "A" else "B") + signature[1:]
    return {
        "empty": "",
        "dots": "..",
        "two parts": f"{head}.{body}",
        "four parts": f"{token}.x",
        "no signature": f"{head}.{body}.",
        "one bit": f"{head}.{body}.{flipped}",
        "not base64": "!!!.???.***",
        "header no object": f"{encoded([])}.{body}.{signature}",
        "claims no object": f"{head}.{encoded([1])}.{signature}",
        "deep header": with_header(b"[" * 1500),
        "deep claims": f"{head}.{encoded(b'[' * 1500)}.{signature}",
        "huge number": with_header(b'{"alg":' + b"9" * 2000 + b"}"),
        "lone surrogate": with_header(b'{"alg":"\\ud800"}'),
        "not UTF-8": with_header(b"\xff\xfe"),
        "not ASCII": "\xff.\xfe.\xfd",
        "a megabyte": "a" * 1_000_000,
        "null": "null",
    }


@pytest.mark.parametrize("form", garbage("a.b.c").keys())
def test_garbage_is_refused(acme_client: ApiClient, form: str) -> None:
    assert present(garbage(acme_client.access)[form]).status_code == 401
    answer = ApiClient().post("/api/v2/auth/refresh", {"refresh": garbage(acme_client.refresh)[form]})
    assert answer.status_code in (400, 401)


def test_another_scheme_is_no_login(acme_client: ApiClient) -> None:
    for scheme in ("Basic", "Token", "JWT", ""):
        answer = ApiClient(HTTP_AUTHORIZATION=f"{scheme} {acme_client.access}").get("/api/v2/auth/me")
        assert (answer.status_code, answer.json()["code"]) == (401, "not-authenticated")


@pytest.mark.parametrize(("algorithm", "key"), [("RS256", RSA), ("EdDSA", EDWARDS)])
def test_asymmetric_tokens_verify_by_the_published_keys(
    acme: Tenant, signing: Callable[..., None], algorithm: str, key: str
) -> None:
    signing(algorithm, key)
    client = client_of(make_member(acme))
    assert present(client.access).status_code == 200
    published = ApiClient().get("/.well-known/jwks.json").json()
    header, _ = taken_apart(client.access)
    jwks = jwt.PyJWKSet.from_dict(published)
    found = jwt.decode(client.access, jwks[header["kid"]], algorithms=[algorithm], audience="quittance-api")
    assert found["tenant"] == acme.public_id
    assert not {"d", "p", "q", "k"} & published["keys"][0].keys()


def test_no_key_is_looked_for_under_another_algorithm(acme: Tenant) -> None:
    access = client_of(make_member(acme)).access
    backend = tokens.access_tokens()
    assert backend.get_verifying_key(access) == backend.current.verify
    with pytest.raises(TokenBackendError):
        backend.get_verifying_key(signed_anew(access, header={"alg": "HS512"}))


def test_secrets_are_not_published() -> None:
    assert ApiClient().get("/.well-known/jwks.json").status_code == 404


def test_a_public_key_is_no_secret(acme: Tenant, signing: Callable[..., None]) -> None:
    signing("RS256", RSA)
    access = client_of(make_member(acme)).access
    header, claims = taken_apart(access)
    start = f"{encoded({**header, 'alg': 'HS256'})}.{encoded(claims)}"
    forged = f"{start}.{encoded(hmac.digest(public_pem(RSA), start.encode(), hashlib.sha256))}"
    assert present(forged).status_code == 401


@pytest.mark.parametrize(
    ("algorithm", "old", "new", "stranger"),
    [
        ("HS256", "first secret", "second secret", "third secret"),
        ("RS256", RSA, OTHER_RSA, pem(rsa.generate_private_key(65537, 2048))),
        ("EdDSA", EDWARDS, OTHER_EDWARDS, pem(ed25519.Ed25519PrivateKey.generate())),
    ],
)
def test_keys_rotate_without_logging_anybody_out(
    acme: Tenant, signing: Callable[..., None], algorithm: str, old: str, new: str, stranger: str
) -> None:
    signing(algorithm, old)
    client = client_of(make_member(acme))
    signing(algorithm, new, old)
    assert present(client.access).status_code == 200
    pair = client.post("/api/v2/auth/refresh", {"refresh": client.refresh}).json()
    signing(algorithm, new)
    assert present(pair["access"]).status_code == 200
    assert client.post("/api/v2/auth/refresh", {"refresh": client.refresh}).status_code == 401
    signing(algorithm, stranger)
    assert present(pair["access"]).status_code == 401


def test_an_installation_that_signs_one_way_takes_no_other(
    acme: Tenant, signing: Callable[..., None]
) -> None:
    client = client_of(make_member(acme))
    signing("EdDSA", EDWARDS)
    assert present(client.access).status_code == 401
    newer = client_of(make_member(acme))
    assert present(newer.access).status_code == 200


def test_what_is_issued_is_what_is_read() -> None:
    tenant_id, user_id, membership_id, session_id, token_id = (ids.uuid7() for _ in range(5))
    claims = tokens.Claims(
        tenant_id, user_id, membership_id, session_id, token_id, now(), now() + 60, auth_time=now()
    )
    access = tokens.access_tokens()
    assert access.verify(access.issue(claims)) == claims
    late = replace(claims, expires_at=now() - int(timedelta(minutes=2).total_seconds()))
    with pytest.raises(tokens.ExpiredToken):
        access.verify(access.issue(late))
