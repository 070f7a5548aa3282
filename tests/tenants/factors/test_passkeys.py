"""Passkeys: only from our origin, for our host, by somebody verified, once, and never a copy."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test.utils import override_settings

from tenants import ceremonies
from tenants.models import LoginChallenge, Membership, Passkey, Tenant
from tenants.services import passkeys
from tests.factories import PASSWORD, ApiClient, client_of, make_member, scope_of
from tests.factories.factors import VERIFY, challenged, try_login
from tests.factories.passkeys import Authenticator, content_of, text

pytestmark = pytest.mark.usefixtures("named_host")

MFA = "/api/v2/auth/mfa"
Forge = Callable[[Authenticator], Any]


def register(member: Membership, key: Authenticator) -> Any:
    """The answer to a registration from a session of the member."""
    me = client_of(member)
    begun = me.post(f"{MFA}/passkeys/options", {}).json()
    body = {"ceremony": begun["ceremony"], "credential": key.create(begun["public_key"]), "name": "Laptop"}
    return me.post(f"{MFA}/passkeys", body)


def show(member: Membership, key: Authenticator, client: ApiClient | None = None, **kwargs: Any) -> Any:
    """The answer to a login that shows the passkey."""
    client = client or ApiClient()
    token = challenged(member, client)
    options = client.post(f"{VERIFY}/options", {"challenge": token}).json()["public_key"]
    body = {"challenge": token, "method": "passkey", "credential": key.get(options, **kwargs)}
    return client.post(VERIFY, body)


@pytest.fixture
def key(named_host: None, ada: Membership) -> Authenticator:
    """Ada's passkey, registered."""
    del named_host
    made = Authenticator()
    assert register(ada, made).status_code == 201
    return made


def test_a_passkey_is_registered_and_opens_a_session(ada: Membership) -> None:
    key = Authenticator()
    answer = register(ada, key)
    assert answer.status_code == 201
    assert answer.json()["passkey"]["name"] == "Laptop"
    assert len(answer.json()["recovery_codes"]) == 10
    with scope_of(ada.tenant):
        assert Passkey.objects.get().transports == ["internal"]
    assert try_login(ada).json()["methods"] == ["passkey", "recovery-code"]
    assert show(ada, key).status_code == 200
    assert show(ada, key).status_code == 200


def test_the_browser_is_asked_for_verification_by_our_host(ada: Membership, key: Authenticator) -> None:
    client = ApiClient()
    token = challenged(ada, client)
    options = client.post(f"{VERIFY}/options", {"challenge": token}).json()["public_key"]
    assert options["rpId"] == "billing.example"
    assert options["userVerification"] == "required"
    assert [each["id"] for each in options["allowCredentials"]] == [text(key.credential_id)]
    assert len(content_of(options["challenge"])) == 64
    created = client_of(ada).post(
        f"{MFA}/passkeys/options", {"proof": {"method": "password", "password": PASSWORD}}
    )
    asked = created.json()["public_key"]
    assert asked["user"]["id"] == text(ada.id.bytes)
    assert [each["id"] for each in asked["excludeCredentials"]] == [text(key.credential_id)]


def elsewhere(key: Authenticator) -> None:
    key.origin = "https://billing.example.evil.test"


def plain(key: Authenticator) -> None:
    key.origin = "http://billing.example"


def other_port(key: Authenticator) -> None:
    key.origin = "https://billing.example:8443"


def other_host(key: Authenticator) -> None:
    key.relying_party = "evil.test"


def unverified(key: Authenticator) -> None:
    key.verifies = False


FORGERIES = [elsewhere, plain, other_port, other_host, unverified]


@pytest.mark.parametrize("forge", FORGERIES)
def test_a_forged_registration_is_refused(ada: Membership, forge: Forge) -> None:
    key = Authenticator()
    forge(key)
    answer = register(ada, key)
    assert (answer.status_code, answer.json()["code"]) == (422, "passkey-refused")
    with scope_of(ada.tenant):
        assert not Passkey.objects.exists()


@pytest.mark.parametrize("forge", FORGERIES)
def test_a_forged_assertion_is_refused(ada: Membership, key: Authenticator, forge: Forge) -> None:
    forge(key)
    answer = show(ada, key)
    assert (answer.status_code, answer.json()["code"]) == (401, "factor-refused")


def test_a_counter_that_does_not_grow_is_a_copy(ada: Membership, key: Authenticator) -> None:
    assert show(ada, key).status_code == 200
    assert show(ada, key, counts=False).status_code == 401
    key.count -= 1
    assert show(ada, key, counts=False).status_code == 401
    key.count += 5
    assert show(ada, key).status_code == 200


@pytest.mark.usefixtures("key")
def test_the_counter_is_compared_where_it_is_written(ada: Membership) -> None:
    with scope_of(ada.tenant, member=ada):
        passkey = Passkey.objects.get()
        assert passkeys._advance(passkey_id=passkey.id, count=0)
        assert passkeys._advance(passkey_id=passkey.id, count=7)
        assert not passkeys._advance(passkey_id=passkey.id, count=7)
        assert not passkeys._advance(passkey_id=passkey.id, count=0)


def test_a_challenge_is_answered_once(ada: Membership, key: Authenticator) -> None:
    client = ApiClient()
    token = challenged(ada, client)
    options = client.post(f"{VERIFY}/options", {"challenge": token}).json()["public_key"]
    credential = key.get(options)
    body = {"challenge": token, "method": "passkey", "credential": credential}
    wrong = {**body, "credential": {**credential, "id": text(b"x" * 32), "rawId": text(b"x" * 32)}}
    assert client.post(VERIFY, wrong).status_code == 401
    assert client.post(VERIFY, body).json()["code"] == "factor-refused"
    options = client.post(f"{VERIFY}/options", {"challenge": token}).json()["public_key"]
    assert client.post(VERIFY, {**body, "credential": key.get(options)}).status_code == 200
    assert client.post(VERIFY, {**body, "credential": key.get(options)}).json()["code"] == "challenge-refused"


def test_an_answer_to_the_challenge_of_another_login_is_refused(ada: Membership, key: Authenticator) -> None:
    first, second = ApiClient(), ApiClient()
    tokens = [challenged(ada, client) for client in (first, second)]
    options = first.post(f"{VERIFY}/options", {"challenge": tokens[0]}).json()["public_key"]
    second.post(f"{VERIFY}/options", {"challenge": tokens[1]})
    body = {"challenge": tokens[1], "method": "passkey", "credential": key.get(options)}
    assert second.post(VERIFY, body).status_code == 401


@pytest.mark.usefixtures("key")
def test_a_passkey_of_somebody_else_shows_nothing(ada: Membership, acme: Tenant) -> None:
    other, theirs = make_member(acme, password=PASSWORD), Authenticator()
    assert register(other, theirs).status_code == 201
    assert show(ada, theirs).status_code == 401


def test_a_passkey_is_registered_once(acme: Tenant, key: Authenticator) -> None:
    answer = register(make_member(acme), key)
    assert (answer.status_code, answer.json()["code"]) == (409, "passkey-taken")


def test_a_ceremony_is_spent_by_its_answer_and_by_time(ada: Membership) -> None:
    me, key = client_of(ada), Authenticator()
    begun = me.post(f"{MFA}/passkeys/options", {}).json()
    wrong = {"ceremony": begun["ceremony"], "credential": {"id": "x"}}
    assert me.post(f"{MFA}/passkeys", wrong).json()["code"] == "passkey-refused"
    right = {"ceremony": begun["ceremony"], "credential": key.create(begun["public_key"])}
    assert me.post(f"{MFA}/passkeys", right).json()["code"] == "ceremony-over"
    begun = me.post(f"{MFA}/passkeys/options", {}).json()
    with scope_of(ada.tenant):
        LoginChallenge.objects.update(expires_at="2020-01-01T00:00:00Z")
    right = {"ceremony": begun["ceremony"], "credential": key.create(begun["public_key"])}
    assert me.post(f"{MFA}/passkeys", right).json()["code"] == "ceremony-over"


@pytest.mark.usefixtures("key")
def test_a_ceremony_of_another_kind_or_member_is_none(ada: Membership, acme: Tenant) -> None:
    me, other = client_of(ada), client_of(make_member(acme))
    proving = me.post(f"{MFA}/proof/options").json()
    fresh = Authenticator()
    made = fresh.create(proving["public_key"])
    body = {"ceremony": proving["ceremony"], "credential": made}
    assert me.post(f"{MFA}/passkeys", body).json()["code"] == "ceremony-over"
    theirs = other.post(f"{MFA}/passkeys/options", {}).json()
    body = {"ceremony": theirs["ceremony"], "credential": fresh.create(theirs["public_key"])}
    assert me.post(f"{MFA}/passkeys", body).json()["code"] == "ceremony-over"


@pytest.mark.parametrize("host", ["http://127.0.0.1:8000", "https://[::1]"])
def test_a_host_without_a_name_has_no_passkeys(ada: Membership, host: str) -> None:
    with override_settings(PUBLIC_BASE_URL=host):
        answer = client_of(ada).post(f"{MFA}/passkeys/options", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "passkeys-unavailable")


@pytest.mark.parametrize(
    ("base", "origin"),
    [
        ("https://Billing.Example:443/app", "https://billing.example"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://localhost:80", "http://localhost"),
    ],
)
def test_the_origin_is_written_as_browsers_write_it(base: str, origin: str) -> None:
    with override_settings(PUBLIC_BASE_URL=base):
        assert ceremonies._origin() == origin


BROKEN: list[Any] = [
    {},
    {"id": 7},
    {"id": "é"},
    {"id": "AA", "rawId": "AA", "type": "public-key", "response": []},
    {"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "AA"}},
    {"id": "A" * 5000, "rawId": "A" * 5000, "type": "public-key", "response": {}},
    {"id": None, "rawId": {}, "type": ["public-key"], "response": {"transports": 7}},
]


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("credential", BROKEN)
def test_a_broken_credential_is_refused_and_no_more(ada: Membership, credential: Any) -> None:
    client = ApiClient()
    token = challenged(ada, client)
    client.post(f"{VERIFY}/options", {"challenge": token})
    body = {"challenge": token, "method": "passkey", "credential": credential}
    assert client.post(VERIFY, body).status_code == 401


def test_flipped_bits_never_break_the_parsers() -> None:
    key = Authenticator()
    challenge = ceremonies.new_challenge()
    made = key.create({"challenge": text(challenge)})
    content = content_of(made["response"]["attestationObject"])
    refused = 0
    for place in range(len(content)):
        for flip in (0x01, 0x20, 0x80, 0xFF):
            broken = content[:place] + bytes([content[place] ^ flip]) + content[place + 1 :]
            made["response"]["attestationObject"] = text(broken)
            try:
                ceremonies.verify_registration(credential=made, challenge=challenge)
            except ceremonies.PasskeyRefused:
                refused += 1
    assert refused > len(content)
