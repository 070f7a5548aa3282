"""Codes of authenticator apps: in their time, once, and not by guessing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from tenants.domain.totp import code_of, enrolment_uri, matching_step
from tenants.models import Membership, Session, Tenant, TotpDevice
from tenants.services import totp
from tests.factories import ApiClient, client_of, make_member, scope_of
from tests.factories.factors import VERIFY, App, challenged, give_app, try_login
from tests.factories.threads import Crew

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize(
    ("seconds", "code"),
    # RFC 6238, appendix B, the last six digits.
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    at = datetime.fromtimestamp(seconds, tz=UTC)
    assert code_of(secret=SECRET, at=at) == code
    assert matching_step(secret=SECRET, code=f"{code[:3]} {code[3:]}", at=at) == seconds // 30


@pytest.mark.parametrize(
    ("late", "is_taken"), [(-61, False), (-30, True), (0, True), (30, True), (61, False)]
)
def test_a_code_is_good_for_one_step_to_either_side(late: int, is_taken: bool) -> None:
    now = timezone.now().replace(second=0, microsecond=0)
    code = code_of(secret=SECRET, at=now)
    found = matching_step(secret=SECRET, code=code, at=now + timedelta(seconds=late))
    assert (found is not None) == is_taken


@pytest.mark.parametrize(
    "text", ["", "12345", "1234567", "１２３４５６", "12345a", "٣٤٥٦٧٨", "-12345", "1e5000"]
)
def test_what_is_no_code_matches_nothing(text: str) -> None:
    assert matching_step(secret=SECRET, code=text, at=timezone.now()) is None


def test_the_uri_names_account_and_issuer_and_nothing_can_be_smuggled_into_it() -> None:
    uri = enrolment_uri(secret=SECRET, account="ada:evil&secret=X", issuer="Quittance A:B")
    assert uri.startswith("otpauth://totp/Quittance%20A%20B:ada%20evil%26secret%3DX?secret=" + SECRET)
    assert uri.endswith("&issuer=Quittance%20A%20B")


def test_a_login_with_a_factor_asks_for_it(ada: Membership, phone: App) -> None:
    client = ApiClient()
    answer = try_login(ada, client=client)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (401, "mfa-required")
    assert problem["methods"] == ["totp", "recovery-code"]
    assert "access" not in problem
    body = {"challenge": problem["challenge"], "method": "totp", "code": phone.code()}
    pair = client.post(VERIFY, body).json()
    client.carry(ada, access=pair["access"], refresh=pair["refresh"])
    me = client.get("/api/v2/auth/me").json()
    assert me["user"]["id"] == ada.user.public_id
    with scope_of(ada.tenant):
        assert Session.objects.get(membership_id=ada.id).factors == ["mfa", "otp", "pwd"]


def test_v1_asks_in_its_own_form(ada: Membership, phone: App) -> None:
    client = ApiClient()
    body = {"tenant": ada.tenant.slug, "username": ada.username, "password": "correct horse battery staple"}
    answer = client.post("/api/v1/auth/token", body)
    assert (answer.status_code, answer.json()["error"]) == (401, "MFA_REQUIRED")
    body = {"challenge": answer.json()["challenge"], "method": "totp", "code": phone.code()}
    assert client.post("/api/v1/auth/mfa/verify", body).json()["data"]["role"] == "editor"


def test_a_code_works_once(ada: Membership, phone: App, clock: time_machine.Traveller) -> None:
    client = ApiClient()
    code = phone.code()
    for expected in (200, 401):
        body = {"challenge": challenged(ada, client), "method": "totp", "code": code}
        assert client.post(VERIFY, body).status_code == expected
    clock.shift(30)
    body = {"challenge": challenged(ada, client), "method": "totp", "code": phone.code(-1)}
    assert client.post(VERIFY, body).json()["code"] == "factor-refused"
    body = {"challenge": challenged(ada, client), "method": "totp", "code": phone.code()}
    assert client.post(VERIFY, body).status_code == 200


def test_the_code_that_confirmed_an_app_opens_no_session(
    ada: Membership, clock: time_machine.Traveller
) -> None:
    del clock
    me = client_of(ada)
    begun = me.post("/api/v2/auth/mfa/totp", {"name": "Phone"}).json()
    app = App(begun["id"], begun["secret"], [])
    confirmed = me.post(f"/api/v2/auth/mfa/totp/{begun['id']}/confirm", {"code": app.code()})
    assert len(confirmed.json()["recovery_codes"]) == 10
    client = ApiClient()
    body = {"challenge": challenged(ada, client), "method": "totp", "code": app.code()}
    assert client.post(VERIFY, body).status_code == 401


def test_sixteen_callers_with_one_code_are_one(ada: Membership, phone: App) -> None:
    code = phone.code()

    def take(_: int) -> bool:
        with scope_of(ada.tenant, member=ada):
            return totp.take(membership_id=ada.id, code=code)

    with Crew(16) as crew:
        assert crew.all_do(take).count(True) == 1


def test_five_wrong_codes_end_a_login_and_twenty_the_guessing(
    ada: Membership, phone: App, clock: time_machine.Traveller
) -> None:
    client = ApiClient()

    def guess(token: str, code: str) -> Any:
        return client.post(VERIFY, {"challenge": token, "method": "totp", "code": code})

    for _ in range(4):
        token = challenged(ada, client)
        assert [guess(token, "000000").json()["code"] for _ in range(5)] == ["factor-refused"] * 5
        assert guess(token, phone.code()).json()["code"] == "challenge-refused"
    answer = try_login(ada, client=client)
    assert (answer.status_code, answer.json()["code"]) == (429, "too-many-attempts")
    clock.shift(3601)
    assert guess(challenged(ada, client), phone.code()).status_code == 200


def test_logins_begun_in_advance_give_no_more_guesses(ada: Membership, phone: App) -> None:
    clients = [ApiClient() for _ in range(6)]
    tokens = [challenged(ada, client) for client in clients]
    last = ApiClient()
    spare = challenged(ada, last)

    def guess(number: int) -> Any:
        body = {"challenge": tokens[number], "method": "totp", "code": "000000"}
        return clients[number].post(VERIFY, body)

    with Crew(6) as crew:
        answers = crew.all_do(lambda number: [guess(number).json()["code"] for _ in range(5)])
    codes = [code for each in answers for code in each]
    assert (codes.count("factor-refused"), codes.count("too-many-attempts")) == (20, 10)
    right = {"challenge": spare, "method": "totp", "code": phone.code()}
    assert last.post(VERIFY, right).json()["code"] == "too-many-attempts"


def test_the_code_of_somebody_else_shows_nothing(
    ada: Membership, phone: App, acme: Tenant, clock: time_machine.Traveller
) -> None:
    del phone, clock
    other = give_app(make_member(acme))
    client = ApiClient()
    body = {"challenge": challenged(ada, client), "method": "totp", "code": other.code()}
    assert client.post(VERIFY, body).status_code == 401


def test_an_app_that_was_never_confirmed_counts_for_nothing(ada: Membership) -> None:
    me = client_of(ada)
    begun = me.post("/api/v2/auth/mfa/totp", {}).json()
    wrong = me.post(f"/api/v2/auth/mfa/totp/{begun['id']}/confirm", {"code": "000000"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong-code")
    assert try_login(ada).status_code == 200
    assert me.get("/api/v2/auth/mfa").json()["totp"] == []


def test_a_secret_begun_by_one_is_never_confirmed_by_another(
    ada: Membership, clock: time_machine.Traveller
) -> None:
    del clock
    theirs, mine = client_of(ada), client_of(ada)
    first = mine.post("/api/v2/auth/mfa/totp", {}).json()
    second = theirs.post("/api/v2/auth/mfa/totp", {}).json()
    assert first["secret"] != second["secret"]
    app = App(first["id"], first["secret"], [])
    answer = mine.post(f"/api/v2/auth/mfa/totp/{first['id']}/confirm", {"code": app.code()})
    assert answer.status_code == 404
    with scope_of(ada.tenant):
        assert not TotpDevice.objects.exclude(confirmed_at=None).exists()


def test_the_secret_is_encrypted_where_it_is_kept(ada: Membership, phone: App) -> None:
    with scope_of(ada.tenant), connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM tenants_totpdevice WHERE id = %s", [phone.device_id])
        assert phone.secret not in cursor.fetchone()[0]
