"""Second factors that a tenant demands: the first login leads through the enrolment."""

from typing import Any

import pytest

from tenants import ids
from tenants.models import Membership, Session, Tenant, TotpDevice
from tests.factories import PASSWORD, ApiClient, client_of, make_member, scope_of
from tests.factories.factors import App, challenged, give_app, set_rules, try_login
from tests.factories.passkeys import Authenticator

ENROLMENT = "/api/v2/auth/mfa/enrolment"
VERIFY = "/api/v2/auth/mfa/verify"

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def demanded(ada: Membership) -> Membership:
    """Ada, whose company demands a second factor of everybody."""
    set_rules(ada.tenant, second_factor="required")
    return ada


def begin(member: Membership, client: ApiClient) -> tuple[str, App, str]:
    """The challenge, the app that was shown, and its public id."""
    token = challenged(member, client)
    begun = client.post(f"{ENROLMENT}/totp", {"challenge": token}).json()
    return token, App(begun["id"], begun["secret"], []), begun["id"]


def confirm(client: ApiClient, token: str, device: str, code: str) -> Any:
    body = {"challenge": token, "totp": device, "code": code}
    return client.post(f"{ENROLMENT}/totp/confirm", body)


def test_the_first_login_leads_into_the_enrolment_and_out_of_it(demanded: Membership) -> None:
    client = ApiClient()
    asked = try_login(demanded, client=client)
    assert (asked.status_code, asked.json()["code"]) == (401, "mfa-required")
    assert asked.json()["enrol"] is True
    token, app, device = begin(demanded, client)
    done = confirm(client, token, device, app.code()).json()
    assert len(done["recovery_codes"]) == 10
    assert done["next"] is None
    client.carry(demanded, access=done["login"]["access"])
    assert client.get("/api/v2/auth/mfa").json()["is_required"] is True
    with scope_of(demanded.tenant):
        assert Session.objects.get(membership_id=demanded.id).factors == ["mfa", "otp", "pwd"]
    assert try_login(demanded).json()["enrol"] is False


@pytest.mark.usefixtures("named_host")
def test_a_passkey_may_be_the_first_factor(demanded: Membership) -> None:
    client, key = ApiClient(), Authenticator()
    token = challenged(demanded, client)
    options = client.post(f"{VERIFY}/options", {"challenge": token}).json()["public_key"]
    body = {"challenge": token, "credential": key.create(options)}
    done = client.post(f"{ENROLMENT}/passkey", body)
    assert done.status_code == 200
    assert done.json()["login"]["role"] == "editor"
    assert client.post(f"{ENROLMENT}/passkey", body).json()["code"] == "challenge-refused"


@pytest.mark.usefixtures("named_host")
def test_a_passkey_nobody_asked_for_is_refused(demanded: Membership) -> None:
    client, key = ApiClient(), Authenticator()
    token = challenged(demanded, client)
    body = {"challenge": token, "credential": key.create({"challenge": "AAAA"})}
    assert client.post(f"{ENROLMENT}/passkey", body).json()["code"] == "passkey-refused"


def test_a_role_may_be_asked_alone(acme: Tenant) -> None:
    set_rules(acme, second_factor_roles=["admin"])
    assert try_login(make_member(acme, role="admin", password=PASSWORD)).status_code == 401
    assert try_login(make_member(acme, role="viewer", password=PASSWORD)).status_code == 200


def test_a_challenge_to_enrol_opens_nothing_else(demanded: Membership) -> None:
    client = ApiClient()
    token = challenged(demanded, client)
    for path, body in (
        (VERIFY, {"method": "totp", "code": "000000"}),
        ("/api/v2/auth/password/forced", {"new_password": "a much better passphrase"}),
        ("/api/v2/auth/refresh", None),
    ):
        answer = client.post(path, {"challenge": token, **body} if body else {"refresh": token})
        assert answer.status_code == 401
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    assert client.get("/api/v2/auth/me").status_code == 401


def test_a_challenge_to_show_a_factor_enrols_none(ada: Membership) -> None:
    give_app(ada)
    client = ApiClient()
    token = challenged(ada, client)
    assert client.post(f"{ENROLMENT}/totp", {"challenge": token}).json()["code"] == "challenge-refused"


def test_a_challenge_is_good_for_the_client_that_got_it(demanded: Membership) -> None:
    token, app, device = begin(demanded, ApiClient())
    assert confirm(ApiClient(), token, device, app.code()).json()["code"] == "challenge-refused"


def test_who_begins_again_makes_the_former_secret_void(demanded: Membership) -> None:
    client = ApiClient()
    token, first, device = begin(demanded, client)
    _, second, fresh = begin(demanded, client)
    assert first.secret != second.secret
    assert confirm(client, token, device, first.code()).status_code == 404
    assert confirm(client, token, fresh, second.code()).status_code == 200


def test_a_mistyped_code_can_be_typed_again(demanded: Membership) -> None:
    client = ApiClient()
    token, app, device = begin(demanded, client)
    assert confirm(client, token, device, "000000").json()["code"] == "wrong-code"
    assert confirm(client, token, device, app.code()).status_code == 200
    assert confirm(client, token, device, app.code()).json()["code"] == "challenge-refused"


@pytest.mark.usefixtures("named_host")
def test_who_waited_with_an_enrolment_does_not_get_round_a_factor_that_came_meanwhile(
    demanded: Membership,
) -> None:
    thief, key = ApiClient(), Authenticator()
    token, app, device = begin(demanded, thief)
    options = thief.post(f"{VERIFY}/options", {"challenge": token}).json()["public_key"]
    phone = give_app(demanded)
    answers = [
        confirm(thief, token, device, app.code()),
        thief.post(f"{ENROLMENT}/totp", {"challenge": token}),
        thief.post(f"{ENROLMENT}/passkey", {"challenge": token, "credential": key.create(options)}),
        thief.post(f"{VERIFY}/options", {"challenge": token}),
    ]
    assert [(each.status_code, each.json()["code"]) for each in answers] == [(401, "challenge-refused")] * 4
    with scope_of(demanded.tenant):
        assert str(TotpDevice.objects.get().public_id) == ids.encode("otp", phone.device_id)
        assert not Session.objects.exists()


def test_a_session_from_before_the_demand_is_not_prolonged(ada: Membership) -> None:
    client = client_of(ada)
    set_rules(ada.tenant, second_factor="required")
    assert client.post("/api/v2/auth/refresh", {"refresh": client.refresh}).status_code == 401
