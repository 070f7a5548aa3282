"""Passwords of ours: how long, how old, how often, and when they have to be changed."""

from typing import Any

import pytest
import time_machine
from django.utils import timezone

from tenants.backends.policy import is_common
from tenants.domain.passwords import LONGEST_HISTORY
from tenants.models import Membership, Session, Tenant, User
from tests.factories import PASSWORD, ApiClient, client_of, make_member, make_tenant, scope_of
from tests.factories.factors import VERIFY, App, challenged, give_app, set_rules, try_login

PATH = "/api/v2/auth/password"
FORCED = "/api/v2/auth/password/forced"
NEW = "quite another passphrase"


def change(client: ApiClient, new: str, old: str = PASSWORD) -> Any:
    return client.post(PATH, {"old_password": old, "new_password": new})


def codes(answer: Any) -> list[str]:
    return [fault["code"] for fault in answer.json()["errors"]]


def must_change(member: Membership) -> Membership:
    with scope_of(member.tenant):
        Membership.objects.filter(id=member.id).update(must_change_password=True)
    return member


def test_what_applies_is_told(ada: Membership) -> None:
    me = client_of(ada)
    assert me.get(PATH).json() == {
        "can_change": True,
        "expires_at": None,
        "must_change": False,
        "policy": {"min_length": 12, "max_length": 256},
    }
    set_rules(ada.tenant, password_min_length=20, password_history=3, password_max_age_days=90)
    told = me.get(PATH).json()
    assert told["policy"] == {"min_length": 20, "max_length": 256, "history": 3, "max_age_days": 90}
    assert told["expires_at"] is not None


def test_a_tenant_asks_for_longer_passwords(ada: Membership) -> None:
    set_rules(ada.tenant, password_min_length=20)
    me = client_of(ada)
    answer = change(me, "nineteen signs long")
    assert (answer.status_code, answer.json()["code"], codes(answer)) == (400, "weak-password", ["too-short"])
    assert try_login(ada).status_code == 200
    assert change(me, "exactly twenty signs").status_code == 204


@pytest.mark.parametrize("password", ["1234567890qwertyuiop", "1234567890QWERTYUIOP"])
def test_what_everybody_tries_first_is_refused(ada: Membership, password: str) -> None:
    assert "too-common" in codes(change(client_of(ada), password))


def test_the_list_of_common_passwords_is_there() -> None:
    assert is_common("password")
    assert is_common("  PassWord1 ")
    assert not is_common(PASSWORD)


def test_former_passwords_are_refused_as_far_as_the_tenant_says(ada: Membership) -> None:
    set_rules(ada.tenant, password_history=1)
    me = client_of(ada)
    assert change(me, "the second passphrase").status_code == 204
    answer = change(me, PASSWORD, old="the second passphrase")
    assert (answer.status_code, codes(answer)) == (400, ["used-before"])
    assert change(me, "the third passphrase", old="the second passphrase").status_code == 204
    assert change(me, PASSWORD, old="the third passphrase").status_code == 204


def test_no_more_hashes_are_kept_than_anybody_may_ask_for(ada: Membership) -> None:
    with scope_of(ada.tenant):
        User.objects.filter(id=ada.user_id).update(password_history=["x"] * LONGEST_HISTORY)
    assert change(client_of(ada), NEW).status_code == 204
    with scope_of(ada.tenant):
        kept = User.objects.get(id=ada.user_id).password_history
    assert len(kept) == LONGEST_HISTORY
    assert kept[0].startswith("argon2$")


def test_an_old_password_has_to_be_changed_and_the_login_goes_on(ada: Membership) -> None:
    set_rules(ada.tenant, password_max_age_days=30)
    assert try_login(ada).status_code == 200
    with time_machine.travel(timezone.now().timestamp() + 31 * 86400, tick=False):
        client = ApiClient()
        asked = try_login(ada, client=client)
        assert (asked.status_code, asked.json()["code"]) == (403, "password-change-required")
        body = {"challenge": asked.json()["challenge"], "new_password": NEW}
        done = client.post(FORCED, body)
        assert done.status_code == 200
        client.carry(ada, access=done.json()["access"])
        assert client.get(PATH).json()["must_change"] is False
        assert client.post(FORCED, body).json()["code"] == "challenge-refused"
        assert try_login(ada, PASSWORD).json()["code"] == "login-refused"
        assert try_login(ada, NEW).status_code == 200


def test_whoever_must_change_does_so_once(ada: Membership) -> None:
    before = client_of(must_change(ada))
    assert before.get(PATH).json()["must_change"] is True
    client = ApiClient()
    token = challenged(ada, client)
    assert client.post(FORCED, {"challenge": token, "new_password": NEW}).status_code == 200
    assert try_login(ada, NEW).status_code == 200
    with scope_of(ada.tenant):
        reasons = Session.objects.filter(membership_id=ada.id).order_by("id")
        assert reasons[0].revoked_because == "password-changed"


@pytest.mark.parametrize(
    ("new", "code"), [(PASSWORD, "used-before"), ("short", "too-short"), ("aaaaaaaaaaaaa", "too-uniform")]
)
def test_a_forced_change_keeps_to_the_policy(ada: Membership, new: str, code: str) -> None:
    client = ApiClient()
    token = challenged(must_change(ada), client)
    answer = client.post(FORCED, {"challenge": token, "new_password": new})
    assert (answer.status_code, code in codes(answer)) == (400, True)
    assert try_login(ada).json()["code"] == "password-change-required"
    # A weak one is no guess: as many as it takes.
    for _ in range(6):
        assert client.post(FORCED, {"challenge": token, "new_password": "short"}).status_code == 400
    assert client.post(FORCED, {"challenge": token, "new_password": NEW}).status_code == 200


def test_a_password_that_was_changed_meanwhile_is_not_changed_by_force(ada: Membership) -> None:
    client = ApiClient()
    token = challenged(must_change(ada), client)
    assert change(client_of(ada), "changed meanwhile by her").status_code == 204
    answer = client.post(FORCED, {"challenge": token, "new_password": NEW})
    assert (answer.status_code, answer.json()["code"]) == (403, "wrong-password")
    assert try_login(ada, "changed meanwhile by her").status_code == 200


def test_the_factor_comes_before_the_change(ada: Membership, clock: time_machine.Traveller) -> None:
    del clock
    app = give_app(must_change(ada))
    client = ApiClient()
    asked = try_login(ada, client=client).json()
    assert asked["code"] == "mfa-required"
    early = client.post(FORCED, {"challenge": asked["challenge"], "new_password": NEW})
    assert early.json()["code"] == "challenge-refused"
    body = {"challenge": asked["challenge"], "method": "totp", "code": app.code()}
    then = client.post(VERIFY, body)
    assert (then.status_code, then.json()["code"]) == (403, "password-change-required")
    done = client.post(FORCED, {"challenge": then.json()["challenge"], "new_password": NEW})
    assert done.status_code == 200
    with scope_of(ada.tenant):
        assert Session.objects.get(membership_id=ada.id).factors == ["mfa", "otp", "pwd"]


def test_the_change_comes_after_an_enrolment_that_is_demanded(
    ada: Membership, clock: time_machine.Traveller
) -> None:
    del clock
    set_rules(must_change(ada).tenant, second_factor="required")
    client = ApiClient()
    token = challenged(ada, client)
    begun = client.post("/api/v2/auth/mfa/enrolment/totp", {"challenge": token}).json()
    app = App(begun["id"], begun["secret"], [])
    body = {"challenge": token, "totp": begun["id"], "code": app.code()}
    done = client.post("/api/v2/auth/mfa/enrolment/totp/confirm", body).json()
    assert done["login"] is None
    assert done["next"]["code"] == "password-change-required"
    assert len(done["recovery_codes"]) == 10
    last = client.post(FORCED, {"challenge": done["next"]["challenge"], "new_password": NEW})
    assert last.status_code == 200


def test_what_one_tenant_demands_is_not_demanded_by_another(ada: Membership) -> None:
    elsewhere: Tenant = make_tenant("globex")
    there = make_member(elsewhere, user=ada.user)
    set_rules(elsewhere, password_max_age_days=1, second_factor="required")
    with time_machine.travel(timezone.now().timestamp() + 2 * 86400, tick=False):
        assert try_login(ada).status_code == 200
        assert try_login(there).status_code == 401
