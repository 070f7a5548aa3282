"""What is asked for between the password and the session, and how often it may be answered."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from tenants import scope, tokens
from tenants.domain.logins import Proved
from tenants.domain.people import Client
from tenants.errors import DomainError
from tenants.models import ChallengePurpose, LoginChallenge, Membership, Session, Tenant
from tenants.services import challenges
from tests.factories import PASSWORD, ApiClient, client_of, make_member, scope_of
from tests.factories.directories import PaperDirectory
from tests.factories.factors import VERIFY, give_app, set_rules
from tests.factories.threads import Crew
from tests.tenants.login.asking import code, log_in, refresh

HERE = Client(address="192.0.2.7", user_agent="ours/1.0")
PURPOSES = (ChallengePurpose.SECOND_FACTOR,)


@pytest.fixture
def ada(acme: Tenant) -> Membership:
    return make_member(acme, username="ada", password=PASSWORD)


def opened(member: Membership, **details: Any) -> str:
    with scope_of(member.tenant, member=member):
        proved = Proved(backend="password", **details)
        return challenges.open_challenge(
            member=member, purpose=ChallengePurpose.SECOND_FACTOR, proved=proved, client=HERE
        )


def take(member: Membership, token: str, client: Client = HERE) -> LoginChallenge:
    with scope_of(member.tenant, member=member):
        return challenges.take(token=token, client=client, purposes=PURPOSES)


def refusal(member: Membership, token: str, client: Client = HERE) -> str:
    try:
        take(member, token, client)
    except DomainError as error:
        return error.code
    return ""


def test_a_challenge_keeps_what_was_proved(ada: Membership) -> None:
    began = timezone.now()
    token = opened(ada, factors=("pwd",), must_change=True, auth_time=began, ends_at=began)
    with scope_of(ada.tenant, member=ada):
        assert challenges.proved_by(take(ada, token)) == Proved(
            backend="password", factors=("pwd",), must_change=True, auth_time=began, ends_at=began
        )


def test_five_answers_are_looked_at_and_no_more_however_many_come_at_once(ada: Membership) -> None:
    token = opened(ada)
    with Crew(8) as crew:
        refusals = crew.all_do(lambda _: refusal(ada, token))
    assert sorted(refusals) == [""] * 5 + ["challenge-refused"] * 3


def test_a_challenge_is_used_once(ada: Membership) -> None:
    challenge = take(ada, opened(ada))

    def finish(_: int) -> bool:
        with scope_of(ada.tenant, member=ada):
            try:
                challenges.finish(challenge=challenge)
            except challenges.ChallengeRefused:
                return False
            return True

    with Crew(6) as crew:
        assert crew.all_do(finish).count(True) == 1


@pytest.mark.parametrize(
    "stranger",
    [Client("192.0.2.8", "ours/1.0"), Client("192.0.2.7", "another/1.0")],
    ids=["address", "agent"],
)
def test_a_challenge_is_for_who_began(ada: Membership, stranger: Client) -> None:
    token = opened(ada)
    assert refusal(ada, token, stranger) == "challenge-refused"
    assert refusal(ada, token) == ""


def test_a_challenge_is_for_what_it_was_opened_for(ada: Membership) -> None:
    token = opened(ada)
    with scope_of(ada.tenant, member=ada), pytest.raises(challenges.ChallengeRefused):
        challenges.take(token=token, client=HERE, purposes=(ChallengePurpose.PASSWORD_CHANGE,))


def test_after_ten_minutes_it_is_over(ada: Membership) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        token = opened(ada)
        clock.shift(timedelta(minutes=10, seconds=-1))
        assert refusal(ada, token) == ""
        clock.shift(1)
        assert refusal(ada, token) == "challenge-refused"


def test_a_colleague_or_another_tenant_cannot_use_it(
    ada: Membership, acme: Tenant, globex_admin: Membership
) -> None:
    token = opened(ada)
    assert refusal(globex_admin, token) == "challenge-refused"
    claims = challenges.claims_of(token)
    forged = tokens.challenge_tokens().issue(
        tokens.Claims(
            tenant_id=claims.tenant_id,
            user_id=claims.user_id,
            membership_id=make_member(acme).id,
            session_id=claims.session_id,
            token_id=claims.token_id,
            issued_at=claims.issued_at,
            expires_at=claims.expires_at,
            auth_time=claims.auth_time,
        )
    )
    assert refusal(ada, forged) == "challenge-refused"


def test_the_token_of_a_challenge_is_good_for_nothing_else(ada: Membership) -> None:
    token = opened(ada)
    assert ApiClient(HTTP_AUTHORIZATION=f"Bearer {token}").get("/api/v2/auth/me").status_code == 401
    assert ApiClient().post("/api/v2/auth/refresh", {"refresh": token}).status_code == 401
    client = client_of(ada)
    for other in (client.access, client.refresh):
        assert refusal(ada, other) == "invalid-token"


def test_guesses_are_counted_across_challenges(ada: Membership) -> None:
    for _ in range(4):
        token = opened(ada)
        assert [refusal(ada, token) for _ in range(5)] == [""] * 5
    with pytest.raises(challenges.TooManyGuesses):
        opened(ada)
    with time_machine.travel(timezone.now() + timedelta(hours=1, seconds=1)):
        opened(ada)


def test_a_tenant_that_begins_to_demand_a_factor_prolongs_no_session_without(ada: Membership) -> None:
    client = client_of(ada)
    assert refresh(client).status_code == 200
    set_rules(ada.tenant, second_factor="required")
    assert code(refresh(client)) == (401, "refresh-refused")


def test_so_does_a_role(ada: Membership) -> None:
    viewer = client_of(make_member(ada.tenant, role="viewer"))
    admin = client_of(ada)
    set_rules(ada.tenant, second_factor_roles=["admin"])
    assert (refresh(admin).status_code, refresh(viewer).status_code) == (401, 200)


def test_a_session_remembers_its_factors_and_is_prolonged_by_them(ada: Membership) -> None:
    app = give_app(ada)
    set_rules(ada.tenant, second_factor="required")
    client = ApiClient()
    asked = log_in(ada.tenant, "ada", client=client).json()
    assert (asked["methods"], asked["enrol"]) == (["totp", "recovery-code"], False)
    answer = client.post(VERIFY, {"challenge": asked["challenge"], "method": "totp", "code": app.code()})
    client.refresh = answer.json()["refresh"]
    with scope_of(ada.tenant):
        session = Session.objects.get(membership_id=ada.id)
    assert (session.backend, session.factors) == ("password", ["mfa", "otp", "pwd"])
    assert refresh(client).status_code == 200


def test_a_directory_that_asked_for_two_factors_need_not_be_doubled(
    company: Tenant, paper: PaperDirectory
) -> None:
    set_rules(company, second_factor="required")
    once = paper.hire(groups={"staff"})
    twice = paper.hire(groups={"staff"}, factors=("pwd", "mfa"))
    assert code(log_in(company, once.username)) == (401, "mfa-required")
    assert log_in(company, twice.username).status_code == 200


def test_a_password_that_must_change_comes_after_the_factor(company: Tenant, paper: PaperDirectory) -> None:
    ada = paper.hire(groups={"staff"}, must_change=True)
    refused = log_in(company, ada.username)
    assert code(refused) == (403, "password-change-required")
    assert refused.json()["challenge"]
    set_rules(company, second_factor="required")
    assert code(log_in(company, ada.username)) == (401, "mfa-required")
    with scope_of(company):
        assert not Session.objects.exists()


def test_v1_carries_the_challenge_in_its_envelope(ada: Membership) -> None:
    give_app(ada)
    body = {"tenant": ada.tenant.slug, "username": "ada", "password": PASSWORD}
    answer = ApiClient().post("/api/v1/auth/token", body)
    assert (answer.status_code, answer.json()["error"]) == (401, "MFA_REQUIRED")
    assert answer.json()["challenge"]


def test_the_scope_of_a_challenge_is_the_token_s(ada: Membership) -> None:
    claims = challenges.claims_of(opened(ada))
    assert (claims.tenant_id, claims.membership_id) == (ada.tenant_id, ada.id)
    assert scope.current_or_none() is None
