"""Who may change factors, with which proof, and what an administrator may do about those of others."""

from typing import Any

import pytest

from audit.workflows import relay
from tenants.domain.recovery import digest_of
from tenants.models import Membership, Passkey, RecoveryCode, Session, Tenant, TotpDevice
from tenants.services import recovery
from tests.factories import PASSWORD, ApiClient, client_of, make_member, make_tenant, scope_of
from tests.factories.factors import VERIFY, App, challenged, give_app, set_rules, try_login
from tests.factories.passkeys import Authenticator
from tests.factories.people import make_role
from tests.factories.threads import Crew

MFA = "/api/v2/auth/mfa"
BY_PASSWORD = {"proof": {"method": "password", "password": PASSWORD}}


def by_code(app: App, steps: int = 0) -> dict[str, Any]:
    return {"proof": {"method": "totp", "code": app.code(steps)}}


def recover(member: Membership, code: str) -> Any:
    client = ApiClient()
    body = {"challenge": challenged(member, client), "method": "recovery-code", "code": code}
    return client.post(VERIFY, body)


def factors_left(member: Membership) -> int:
    with scope_of(member.tenant):
        mine = {"membership_id": member.id}
        return int(TotpDevice.objects.filter(**mine).count() + Passkey.objects.filter(**mine).count())


def test_a_recovery_code_works_once_however_it_is_typed(ada: Membership, phone: App) -> None:
    first, second = phone.recovery_codes[:2]
    assert len(first) == 19
    assert recover(ada, first).status_code == 200
    assert recover(ada, first).status_code == 401
    assert (
        recover(ada, second.upper().replace("-", " ").replace("0", "O").replace("1", "l")).status_code == 200
    )
    assert client_of(ada).get(MFA).json()["recovery_codes_left"] == 8


def test_recovery_codes_are_kept_as_digests_of_one_member(ada: Membership, phone: App) -> None:
    code = phone.recovery_codes[0]
    with scope_of(ada.tenant):
        kept = {bytes(each.digest) for each in RecoveryCode.objects.all()}
    assert digest_of(code, membership_id=ada.id) in kept
    assert digest_of(code, membership_id=ada.user_id) not in kept


@pytest.mark.parametrize("code", ["", "0000", "u" * 16, "0" * 17, "é" * 16])
def test_what_is_no_recovery_code_is_refused(ada: Membership, phone: App, code: str) -> None:
    del phone
    assert recover(ada, code).status_code in (400, 401)


def test_sixteen_callers_with_one_recovery_code_are_one(ada: Membership, phone: App) -> None:
    def take(_: int) -> bool:
        with scope_of(ada.tenant, member=ada):
            return recovery.take(membership_id=ada.id, code=phone.recovery_codes[0])

    with Crew(16) as crew:
        assert crew.all_do(take).count(True) == 1


def test_new_codes_make_the_former_void_and_need_a_proof(ada: Membership, phone: App) -> None:
    me = client_of(ada)
    assert me.post(f"{MFA}/recovery-codes", {}).status_code == 400
    fresh = me.post(f"{MFA}/recovery-codes", by_code(phone)).json()["recovery_codes"]
    assert len(set(fresh) | set(phone.recovery_codes)) == 20
    assert recover(ada, phone.recovery_codes[0]).status_code == 401
    assert recover(ada, fresh[0]).status_code == 200


def test_without_a_factor_there_is_nothing_to_recover(ada: Membership) -> None:
    answer = client_of(ada).post(f"{MFA}/recovery-codes", BY_PASSWORD)
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing-to-recover")


@pytest.mark.parametrize(
    "proof",
    [
        {"method": "password", "password": "wrong"},
        {"method": "password", "password": ""},
        {"method": "totp", "code": "000000"},
        {"method": "recovery-code", "code": "0000-0000-0000-0000"},
    ],
)
def test_a_wrong_proof_changes_nothing(ada: Membership, phone: App, proof: dict[str, str]) -> None:
    answer = client_of(ada).post(f"{MFA}/totp/{device(phone)}/remove", {"proof": proof})
    assert answer.status_code in (400, 403)
    assert factors_left(ada) == 1


def device(app: App) -> str:
    return TotpDevice(id=app.device_id).public_id


@pytest.mark.parametrize(
    ("proof", "fault"),
    [
        ({}, "/proof/method"),
        ({"method": "smile"}, "/proof/method"),
        ({"method": "totp"}, "/proof/code"),
        ({"method": "password"}, "/proof/password"),
        ({"method": "passkey", "credential": {}}, "/proof/ceremony"),
        ({"method": "passkey", "credential": [], "ceremony": "x"}, "/proof/credential"),
    ],
)
def test_a_proof_that_is_none_is_told(ada: Membership, phone: App, proof: Any, fault: str) -> None:
    answer = client_of(ada).post(f"{MFA}/totp/{device(phone)}/remove", {"proof": proof})
    assert answer.status_code == 400
    assert fault in [each["pointer"] for each in answer.json()["errors"]]


def test_proofs_cannot_be_guessed(ada: Membership, phone: App) -> None:
    me = client_of(ada)
    path = f"{MFA}/totp/{device(phone)}/remove"
    wrong = {"proof": {"method": "totp", "code": "000000"}}
    assert [me.post(path, wrong).status_code for _ in range(20)] == [403] * 20
    assert me.post(path, by_code(phone)).status_code == 429
    assert factors_left(ada) == 1


@pytest.mark.parametrize("way", ["password", "totp", "recovery-code"])
def test_a_factor_goes_with_a_proof_and_takes_its_codes_along(ada: Membership, phone: App, way: str) -> None:
    proofs = {
        "password": BY_PASSWORD,
        "totp": by_code(phone),
        "recovery-code": {"proof": {"method": "recovery-code", "code": phone.recovery_codes[0]}},
    }
    assert client_of(ada).post(f"{MFA}/totp/{device(phone)}/remove", proofs[way]).status_code == 204
    assert factors_left(ada) == 0
    with scope_of(ada.tenant):
        assert not RecoveryCode.objects.exists()
    assert try_login(ada).status_code == 200


@pytest.mark.usefixtures("named_host")
def test_a_passkey_proves_as_well(ada: Membership, phone: App) -> None:
    me, key = client_of(ada), Authenticator()
    begun = me.post(f"{MFA}/passkeys/options", by_code(phone)).json()
    body = {"ceremony": begun["ceremony"], "credential": key.create(begun["public_key"])}
    passkey = me.post(f"{MFA}/passkeys", body).json()
    assert passkey["recovery_codes"] == []
    asked = me.post(f"{MFA}/proof/options").json()
    shown = {"method": "passkey", "ceremony": asked["ceremony"], "credential": key.get(asked["public_key"])}
    assert me.post(f"{MFA}/totp/{device(phone)}/remove", {"proof": shown}).status_code == 204
    again = me.post(f"{MFA}/passkeys/{passkey['passkey']['id']}/remove", {"proof": shown})
    assert again.json()["code"] == "ceremony-over"
    assert factors_left(ada) == 1


@pytest.mark.usefixtures("named_host")
def test_a_wrong_answer_spends_the_ceremony_as_well(ada: Membership) -> None:
    me, key = client_of(ada), Authenticator()
    begun = me.post(f"{MFA}/passkeys/options", {}).json()
    body = {"ceremony": begun["ceremony"], "credential": key.create(begun["public_key"])}
    path = f"{MFA}/passkeys/{me.post(f'{MFA}/passkeys', body).json()['passkey']['id']}/remove"
    asked = me.post(f"{MFA}/proof/options").json()
    right = {"method": "passkey", "ceremony": asked["ceremony"], "credential": key.get(asked["public_key"])}
    assert me.post(path, {"proof": {**right, "credential": {"id": "AA"}}}).json()["code"] == "proof-refused"
    assert me.post(path, {"proof": right}).json()["code"] == "ceremony-over"
    assert factors_left(ada) == 1


def test_a_second_factor_beside_the_first_needs_a_proof(ada: Membership, phone: App) -> None:
    me = client_of(ada)
    answer = me.post(f"{MFA}/totp", {"name": "Tablet"})
    assert (answer.status_code, answer.json()["code"]) == (403, "proof-needed")
    assert answer.json()["methods"] == ["password", "totp", "recovery-code"]
    assert me.post(f"{MFA}/passkeys/options", {}).json()["code"] == "proof-needed"
    assert me.post(f"{MFA}/totp", {"name": "Tablet", **by_code(phone)}).status_code == 201


@pytest.mark.usefixtures("named_host")
def test_what_was_begun_without_a_proof_is_void_once_there_is_a_factor(ada: Membership) -> None:
    thief, me, key = client_of(ada), client_of(ada), Authenticator()
    begun = thief.post(f"{MFA}/totp", {}).json()
    registration = thief.post(f"{MFA}/passkeys/options", {}).json()
    mine, own = me.post(f"{MFA}/passkeys/options", {}).json(), Authenticator()
    answer = {"ceremony": mine["ceremony"], "credential": own.create(mine["public_key"])}
    assert me.post(f"{MFA}/passkeys", answer).status_code == 201
    code = App(begun["id"], begun["secret"], []).code()
    assert thief.post(f"{MFA}/totp/{begun['id']}/confirm", {"code": code}).status_code == 404
    late = {"ceremony": registration["ceremony"], "credential": key.create(registration["public_key"])}
    assert thief.post(f"{MFA}/passkeys", late).json()["code"] == "ceremony-over"
    assert factors_left(ada) == 1


def test_a_registration_begun_without_a_proof_is_void_once_there_is_an_app(
    ada: Membership, named_host: None
) -> None:
    del named_host
    thief, key = client_of(ada), Authenticator()
    registration = thief.post(f"{MFA}/passkeys/options", {}).json()
    give_app(ada)
    late = {"ceremony": registration["ceremony"], "credential": key.create(registration["public_key"])}
    assert thief.post(f"{MFA}/passkeys", late).json()["code"] == "ceremony-over"
    assert factors_left(ada) == 1


def test_the_last_factor_stays_where_one_is_demanded(ada: Membership, phone: App) -> None:
    set_rules(ada.tenant, second_factor_roles=["editor"])
    answer = client_of(ada).post(f"{MFA}/totp/{device(phone)}/remove", by_code(phone))
    assert (answer.status_code, answer.json()["code"]) == (409, "last-factor")
    assert factors_left(ada) == 1


def test_factors_of_colleagues_look_missing(ada: Membership, phone: App, acme: Tenant) -> None:
    other = client_of(make_member(acme))
    assert other.post(f"{MFA}/totp/{device(phone)}/remove", BY_PASSWORD).status_code == 404
    assert other.get(MFA).json()["totp"] == []
    assert factors_left(ada) == 1


def test_an_administrator_resets_somebody_and_it_is_in_the_trail(
    ada: Membership, phone: App, acme_admin: Membership
) -> None:
    client = ApiClient()
    body = {"challenge": challenged(ada, client), "method": "totp", "code": phone.code()}
    pair = client.post(VERIFY, body).json()
    path = f"/api/v2/members/{ada.public_id}/reset-second-factor"
    assert client_of(make_member(ada.tenant, role="editor")).post(path).status_code == 403
    assert factors_left(ada) == 1
    admin = client_of(acme_admin)
    assert admin.post(path).status_code == 204
    assert factors_left(ada) == 0
    assert client.post("/api/v2/auth/refresh", {"refresh": pair["refresh"]}).status_code == 401
    with scope_of(ada.tenant):
        ended = Session.objects.filter(membership_id=ada.id).values_list("revoked_because", flat=True)
        assert set(ended) == {"factors-reset"}
    relay.drain()
    trail = admin.get("/api/v2/audit/entries?entity_type=tenants.membership").json()["data"]
    assert "mfa.reset" in {each["operation"] for each in trail}


def test_an_administrator_cannot_get_round_the_proof_for_oneself(acme_admin: Membership) -> None:
    give_app(acme_admin)
    answer = client_of(acme_admin).post(f"/api/v2/members/{acme_admin.public_id}/reset-second-factor")
    assert (answer.status_code, answer.json()["code"]) == (403, "not-yourself")
    assert factors_left(acme_admin) == 1


def test_whoever_may_do_less_resets_and_unlocks_nobody_who_may_do_more(
    acme: Tenant, acme_admin: Membership
) -> None:
    give_app(acme_admin)
    role = make_role(acme, "members.read", "members.manage")
    clerk = client_of(make_member(acme, role=role.name))
    for what in ("reset-second-factor", "unlock"):
        answer = clerk.post(f"/api/v2/members/{acme_admin.public_id}/{what}")
        assert (answer.status_code, answer.json()["code"]) == (403, "may-do-more")
    assert factors_left(acme_admin) == 1


def test_members_of_others_cannot_be_reset(ada: Membership, phone: App, globex_admin: Membership) -> None:
    del phone
    path = f"/api/v2/members/{ada.public_id}/reset-second-factor"
    assert client_of(globex_admin).post(path).status_code == 404
    assert factors_left(ada) == 1


def test_each_membership_has_its_own_factors(ada: Membership, phone: App) -> None:
    del phone
    there = make_member(make_tenant("globex"), user=ada.user)
    assert try_login(there).status_code == 200
    assert client_of(there).get(MFA).json()["methods"] == []
    switched = client_of(there).post("/api/v2/auth/switch-tenant", {"tenant": ada.tenant.slug})
    assert (switched.status_code, switched.json()["code"]) == (401, "mfa-required")
