"""ID tokens that say what is not so: each is put in the place of the real one at the end of a real trip."""

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import httpx2
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils import timezone

from tenants.backends.oidc.discovery import WELL_KNOWN, discover
from tenants.backends.oidc.id_tokens import TokenForged, verify
from tenants.models import Session, Tenant
from tests.factories import ApiClient, make_tenant, scope_of
from tests.factories.openid import CLIENT_ID, Directory, House, configure, open_house, settings_for
from tests.tenants.oidc.trips import come_back, parameters_of, start

Sign = Callable[[dict[str, Any]], str]
KID = "known"
HOUR = 3600


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def site(directory: Directory, key: rsa.RSAPrivateKey) -> tuple[Tenant, House]:
    """A tenant whose provider signs with `key`, so that tests can sign as it does."""
    house, tenant = open_house(directory), make_tenant("acme")
    publish(house, key)
    configure(tenant, "oidc", settings_for(house))
    return tenant, house


def publish(house: House, *keys: Any, **changes: Any) -> None:
    """Let the provider's key set be these keys."""
    jwks = []
    for key in keys:
        method: Any = (
            jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
        )
        jwks.append({**method.to_jwk(key.public_key(), as_dict=True), "kid": KID, "use": "sig", **changes})
    house.reply("jwks", whole={"keys": jwks}, stays=True)


def signed(key: Any, algorithm: str = "RS256", **headers: Any) -> Sign:
    return lambda claims: jwt.encode(claims, key, algorithm=algorithm, headers={"kid": KID, **headers})


def by_hand(header: dict[str, Any], secret: bytes | None) -> Sign:
    """Tokens that PyJWT refuses to make."""

    def sign(claims: dict[str, Any]) -> str:
        text = b".".join(jwt.utils.base64url_encode(json.dumps(part).encode()) for part in (header, claims))
        seal = b"" if secret is None else hmac.digest(text, secret, hashlib.sha256)
        return b".".join([text, jwt.utils.base64url_encode(seal)]).decode()

    return sign


def arrive(site: tuple[Tenant, House], sign: Sign, *, agent: str = "forger", **changes: Any) -> Any:
    """A trip whose ID token is what `sign` makes of the right claims with `changes`; None leaves one out."""
    tenant, house = site
    client = ApiClient(HTTP_USER_AGENT=agent)
    sent = start(client, tenant)["Location"]
    back = house.sign_in(sent)
    now = int(timezone.now().timestamp())
    claims = {
        "iss": house.issuer,
        "sub": "ada",
        "aud": CLIENT_ID,
        "exp": now + HOUR,
        "iat": now,
        "nonce": parameters_of(sent)["nonce"],
        "groups": [],
        "preferred_username": "ada",
        **changes,
    }
    token = sign({name: value for name, value in claims.items() if value is not None})
    house.reply("token", members={"id_token": token})
    return come_back(client, back)


def assert_forged(site: tuple[Tenant, House], answer: Any) -> None:
    assert (answer.status_code, answer.json()["code"]) == (401, "sso-answer-invalid")
    with scope_of(site[0]):
        assert not Session.objects.filter(user_agent="forger").exists()


def test_the_right_token_is_taken(site: tuple[Tenant, House], key: rsa.RSAPrivateKey) -> None:
    """So that the refusals below are those of what each test changed."""
    for changes in ({}, {"aud": [CLIENT_ID]}, {"aud": [CLIENT_ID, "x"], "azp": CLIENT_ID}):
        assert arrive(site, signed(key), agent="honest", **changes).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://login.microsoftonline.com/x/v2.0"},
        {"iss": None},
        {"aud": "another-client"},
        {"aud": None},
        {"aud": []},
        {"aud": [CLIENT_ID, "another-client"]},
        {"aud": [CLIENT_ID, "another-client"], "azp": "another-client"},
        {"azp": "another-client"},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"exp": "soon"},
        {"iat": 9_000_000_000},
        {"iat": None},
        {"nbf": 9_000_000_000},
        {"nonce": None},
        {"nonce": "another"},
        {"nonce": ["x"]},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
    ],
    ids=str,
)
def test_a_claim_that_does_not_hold_is_refused(
    site: tuple[Tenant, House], key: rsa.RSAPrivateKey, changes: dict[str, Any]
) -> None:
    assert_forged(site, arrive(site, signed(key), **changes))


def test_the_nonce_of_another_trip_is_refused(site: tuple[Tenant, House], key: rsa.RSAPrivateKey) -> None:
    other = parameters_of(start(ApiClient(), site[0])["Location"])["nonce"]
    assert_forged(site, arrive(site, signed(key), nonce=other))


def test_the_nonce_is_looked_at_here_and_not_only_by_msal(
    site: tuple[Tenant, House], key: rsa.RSAPrivateKey
) -> None:
    house = site[1]
    provider = discover(issuer=house.issuer, url=house.issuer + WELL_KNOWN, ca=house.directory.ca)
    now = int(timezone.now().timestamp())
    claims = {"iss": house.issuer, "sub": "ada", "aud": CLIENT_ID, "exp": now + HOUR, "iat": now}

    def verified(**changes: Any) -> dict[str, Any]:
        token = signed(key)({**claims, **changes})
        return verify(token, provider=provider, client_id=CLIENT_ID, nonce="n", ca=house.directory.ca)

    assert verified(nonce=hashlib.sha256(b"n").hexdigest())["sub"] == "ada"
    for nonce in ({}, {"nonce": "n"}, {"nonce": hashlib.sha256(b"m").hexdigest()}, {"nonce": 7}):
        with pytest.raises(TokenForged):
            verified(**nonce)


def test_a_strange_key_is_refused_under_any_name(site: tuple[Tenant, House]) -> None:
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    for headers in ({}, {"kid": "theirs"}, {"kid": "../../dev/null"}):
        assert_forged(site, arrive(site, signed(stranger, **headers)))
    jwk = jwt.algorithms.RSAAlgorithm.to_jwk(stranger.public_key(), as_dict=True)
    assert_forged(site, arrive(site, signed(stranger, jwk=jwk)))
    assert_forged(site, arrive(site, signed(stranger, jku=f"{site[1].issuer}/theirs")))
    curve = ec.generate_private_key(ec.SECP256R1())
    assert_forged(site, arrive(site, signed(curve, "ES256")))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", None, 7])
def test_a_token_that_nobody_signed_is_refused(site: tuple[Tenant, House], algorithm: Any) -> None:
    assert_forged(site, arrive(site, by_hand({"alg": algorithm, "kid": KID}, None)))


@pytest.mark.parametrize(
    ("encoding", "form"),
    [
        (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        (Encoding.PEM, PublicFormat.PKCS1),
        (Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
    ],
)
def test_the_public_key_is_no_shared_secret(
    site: tuple[Tenant, House], key: rsa.RSAPrivateKey, encoding: Encoding, form: PublicFormat
) -> None:
    secret = key.public_key().public_bytes(encoding, form)
    assert_forged(site, arrive(site, by_hand({"alg": "HS256", "kid": KID}, secret)))


def test_a_header_that_must_be_understood_is_refused(
    site: tuple[Tenant, House], key: rsa.RSAPrivateKey
) -> None:
    assert_forged(site, arrive(site, signed(key, crit=["exp"])))
    assert_forged(site, arrive(site, signed(key, crit=["b64"], b64=True)))


@pytest.mark.parametrize(
    "token", ["", "x", "a.b.c", "..", "e30.e30.", "é", "x" * 70_000, 7, None, {}, ["a.b.c"]]
)
def test_what_is_no_token_is_refused(site: tuple[Tenant, House], token: Any) -> None:
    assert_forged(site, arrive(site, lambda _: token))


def test_a_token_in_an_algorithm_the_provider_does_not_use_is_refused(
    site: tuple[Tenant, House], key: rsa.RSAPrivateKey
) -> None:
    assert_forged(site, arrive(site, signed(key, "PS256")))


def test_a_provider_may_change_its_keys(acme: Tenant, house: House) -> None:
    configure(acme, "oidc", settings_for(house))
    for _ in range(2):
        client = ApiClient()
        assert come_back(client, house.sign_in(start(client, acme)["Location"])).status_code == 200
        house.rotate()


def test_a_key_that_is_not_for_signing_is_not_taken(
    acme: Tenant, house: House, key: rsa.RSAPrivateKey
) -> None:
    configure(acme, "oidc", settings_for(house))
    site = acme, house
    publish(house, key, use="enc")
    answer = arrive(site, signed(key))
    assert (answer.status_code, answer.json()["code"]) == (503, "directory-unavailable")
    publish(house, key, alg="PS256")
    assert_forged(site, arrive(site, signed(key)))


def test_of_two_keys_without_a_name_none_is_guessed(
    acme: Tenant, house: House, key: rsa.RSAPrivateKey
) -> None:
    configure(acme, "oidc", settings_for(house))
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    publish(house, key, other)

    def unnamed(claims: dict[str, Any]) -> str:
        return jwt.encode(claims, key, algorithm="RS256")

    assert_forged((acme, house), arrive((acme, house), unnamed))
    publish(house, key)
    assert arrive((acme, house), unnamed).status_code == 200


def test_userinfo_of_somebody_else_is_refused(acme: Tenant, house: House) -> None:
    house.change(thin=True)
    configure(acme, "oidc", settings_for(house))
    client = ApiClient()
    back = house.sign_in(start(client, acme)["Location"])
    house.reply("userinfo", whole={"sub": "eve", "groups": ["admins"]})
    answer = come_back(client, back)
    assert (answer.status_code, answer.json()["code"]) == (401, "sso-answer-invalid")


def test_the_provider_of_the_tests_is_a_real_one(house: House) -> None:
    with httpx2.Client(verify=house.directory.tls, trust_env=False) as client:
        refused = client.post(f"{house.issuer}/token", content=b"grant_type=authorization_code")
    assert refused.status_code == 400
