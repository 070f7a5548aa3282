"""A directory that is down: 503 and nothing else, but for a named administrator with a second factor."""

from typing import Any

import pytest
from pytest_django.fixtures import Settings

from tenants.hashing import verify_password
from tenants.models import Membership, Session, Tenant
from tests.factories import PASSWORD, ApiClient, client_of, make_member, scope_of
from tests.factories.directories import PaperDirectory
from tests.factories.factors import VERIFY, App, give_app
from tests.factories.pages import PageClient
from tests.tenants.login.asking import code, events_of, log_in, refresh

BOSS = "boss"


@pytest.fixture
def boss(company: Tenant) -> tuple[Membership, App]:
    """An administrator who may break the glass, with an app."""
    member = make_member(company, role="admin", username=BOSS, password=PASSWORD)
    app = give_app(member)
    break_glass(member)
    return member, app


def break_glass(member: Membership) -> None:
    with scope_of(member.tenant):
        Membership.objects.filter(id=member.id).update(is_break_glass=True)


def verify(client: ApiClient, challenge: str, app: App) -> Any:
    return client.post(VERIFY, {"challenge": challenge, "method": "totp", "code": app.code()})


def come_in(tenant: Tenant, app: App) -> ApiClient:
    client = ApiClient()
    asked = log_in(tenant, BOSS, client=client)
    assert code(asked) == (401, "mfa-required"), asked.content
    answer = verify(client, asked.json()["challenge"], app)
    assert answer.status_code == 200, answer.content
    client.refresh = answer.json()["refresh"]
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}")
    return client


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_login_is_503_with_a_hint_and_no_other_backend_is_asked(
    company: Tenant, paper: PaperDirectory, version: str
) -> None:
    member = make_member(company, password=PASSWORD)
    body = {"tenant": company.slug, "username": member.username, "password": PASSWORD}
    with paper.down():
        answer = ApiClient().post(f"/api/{version}/auth/token", body)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "9")
    with scope_of(company):
        assert not Session.objects.exists()


def test_an_outage_is_no_failed_guess(company: Tenant, paper: PaperDirectory) -> None:
    ada = paper.hire(groups={"staff"})
    client = ApiClient()
    with paper.down():
        assert {log_in(company, ada.username, client=client).status_code for _ in range(15)} == {503}
    assert log_in(company, ada.username, client=client).status_code == 200


def test_the_login_page_says_so_too(company: Tenant, paper: PaperDirectory) -> None:
    member = make_member(company, password=PASSWORD)
    with paper.down():
        assert PageClient().log_in(member).status_code == 503


def test_a_wrong_password_is_no_login_by_our_own(company: Tenant, paper: PaperDirectory) -> None:
    """The directory answers, and does not know the password that is right here."""
    member = make_member(company, password=PASSWORD)
    paper.hire(member.username, password="another one", groups={"staff"})
    assert code(log_in(company, member.username)) == (401, "login-refused")


@pytest.mark.parametrize("is_down", [True, False])
def test_the_named_administrator_comes_in_with_a_second_factor_and_it_is_written_down(
    company: Tenant, paper: PaperDirectory, boss: tuple[Membership, App], is_down: bool
) -> None:
    paper.is_down = is_down
    client = come_in(company, boss[1])
    assert client.get("/api/v2/auth/me").json()["role"] == "admin"
    assert refresh(client).status_code == 200
    ((_, data),) = events_of(company, "login.break-glass")
    assert (data["username"], data["backend"], "mfa" in data["factors"]) == (BOSS, "password", True)
    assert paper.passwords_seen == []


@pytest.mark.usefixtures("boss")
@pytest.mark.parametrize(("is_down", "answer"), [(True, 503), (False, 401)])
def test_a_wrong_password_of_the_named_one_gets_what_everybody_gets(
    company: Tenant, paper: PaperDirectory, is_down: bool, answer: int
) -> None:
    paper.is_down = is_down
    names = [BOSS, paper.hire(groups={"staff"}).username, "nobody"]
    assert [log_in(company, name, "not it at all").status_code for name in names] == [answer] * 3
    assert paper.passwords_seen[0] != "not it at all"


def test_a_password_of_the_named_one_cannot_be_guessed_while_the_directory_is_down(
    company: Tenant, paper: PaperDirectory, boss: tuple[Membership, App], settings: Settings
) -> None:
    settings.LOGIN_FAILURES_PER_ACCOUNT = 2
    client, known = ApiClient(), come_in(company, boss[1]).defaults["REMOTE_ADDR"]
    answers: dict[str, list[tuple[int, str, str]]] = {}
    with paper.down():
        for name in (BOSS, paper.hire(groups={"staff"}).username):
            tried = [log_in(company, name, "not it at all", client) for _ in range(3)]
            seen = [(*code(each), each.headers["RateLimit"].partition(",")[0]) for each in tried]
            answers[name] = [(status, said, limit.partition(";t=")[0]) for status, said, limit in seen]
        assert len({str(each) for each in answers.values()}) == 1
        statuses = [status for status, _, _ in answers[BOSS]]
        assert statuses == [503] * 2 + [429]
        refused = events_of(company, "login.refused")
        assert [data["username"] for _, data in refused].count(BOSS) == 2
        # From where the bearer has been before the door stays open.
        assert log_in(company, BOSS, client=client).status_code == 429
        assert code(log_in(company, BOSS, client=ApiClient(REMOTE_ADDR=known))) == (401, "mfa-required")


@pytest.mark.usefixtures("boss")
@pytest.mark.parametrize("name", ["Boss", "BOSS", "ｂｏｓｓ", "bòss", "bo ss", " boss"])
def test_the_password_of_the_named_one_stays_here_however_the_name_is_spelt(
    company: Tenant, paper: PaperDirectory, name: str
) -> None:
    assert log_in(company, name).status_code in (400, 401)
    assert PASSWORD not in paper.passwords_seen


@pytest.mark.usefixtures("boss")
def test_every_login_computes_a_hash_where_somebody_may_break_the_glass(
    company: Tenant, paper: PaperDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed: list[str] = []

    def verify(password: str, stored: str | None) -> tuple[bool, bool]:
        computed.append(password)
        return verify_password(password, stored)

    monkeypatch.setattr("tenants.backends.password.verify_password", verify)
    for name in (BOSS, paper.hire().username, "nobody"):
        log_in(company, name, "not it at all")
    assert len(computed) == 3


def test_without_a_second_factor_the_glass_does_not_break(company: Tenant, paper: PaperDirectory) -> None:
    member = make_member(company, role="admin", username=BOSS, password=PASSWORD)
    break_glass(member)
    with paper.down():
        assert code(log_in(company, BOSS)) == (401, "login-refused")
    with scope_of(company):
        assert not Session.objects.exists()


def test_who_is_no_longer_named_is_not_prolonged(company: Tenant, boss: tuple[Membership, App]) -> None:
    client = come_in(company, boss[1])
    with scope_of(company):
        Membership.objects.filter(id=boss[0].id).update(is_break_glass=False)
    assert code(refresh(client)) == (401, "refresh-refused")


def test_a_session_from_before_the_switch_is_not_prolonged(acme: Tenant, on_paper: Any) -> None:
    client = client_of(make_member(acme))
    assert refresh(client).status_code == 200
    on_paper(acme)
    assert code(refresh(client)) == (401, "refresh-refused")
