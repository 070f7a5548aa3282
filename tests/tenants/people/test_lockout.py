"""Lockout: the same for names that exist and names that do not, kept in the database, and never for ever."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext, override_settings
from django_redis import get_redis_connection

from tenants import scope
from tenants.actors import Actor
from tenants.http import throttling
from tenants.models import LoginGuard, Membership, Session, Tenant
from tenants.workflows.guesses import NOBODY
from tests.factories import PASSWORD, ApiClient, an_address, client_of, make_member, scope_of, unique
from tests.factories.hashers import CountingArgon2
from tests.factories.threads import Crew
from tests.tenants.people.conftest import Known
from tests.tenants.people.trail import events_of

SYSTEM = Actor.system("test")


_SECONDS = re.compile(r"(;t=)\d+")


@pytest.fixture(autouse=True)
def few_guesses() -> Iterator[None]:
    with override_settings(LOGIN_FAILURES_PER_ACCOUNT=3, LOGIN_FAILURES_PER_ADDRESS=1000):
        yield


def guess(
    tenant: str,
    username: str,
    password: str = "wrong",
    *,
    address: str = "",
    version: str = "v2",
    **extra: Any,
) -> Any:
    body = {"tenant": tenant, "username": username, "password": password}
    client = ApiClient(REMOTE_ADDR=address or an_address())
    return client.post(f"/api/{version}/auth/token", body, **extra)


def lock(tenant: str, username: str, *, address: str = "") -> None:
    while guess(tenant, username, address=address).status_code != 429:
        pass


def pass_by(tenant: Tenant, span: timedelta) -> None:
    """So much time has passed for all locks of a tenant, and for those of names of nobody."""
    for unit in (scope.Scope(tenant.id, SYSTEM), scope.Scope(NOBODY, SYSTEM)):
        _pass_by(unit, span)


def _pass_by(unit: scope.Scope, span: timedelta) -> None:
    with scope.enter(unit):
        LoginGuard.objects.update(
            locked_until=F("locked_until") - span,
            began_at=F("began_at") - span,
            updated_at=F("updated_at") - span,
        )


def seconds_locked(answer: Any) -> int:
    assert answer.status_code == 429
    return int(answer.headers["Retry-After"])


def existing(tenant: Tenant, known: Known) -> tuple[str, str]:
    return tenant.slug, known(tenant).username


def of_directory(tenant: Tenant, _: Known) -> tuple[str, str]:
    return tenant.slug, make_member(tenant).username


def nobody(tenant: Tenant, _: Known) -> tuple[str, str]:
    return tenant.slug, unique("nobody")


def nowhere(tenant: Tenant, known: Known) -> tuple[str, str]:
    return unique("nowhere"), known(tenant).username


def told(answer: Any) -> tuple[int, bytes, dict[str, str]]:
    """All of an answer but the id of its request, how many seconds are left, and in v1 the time."""
    headers = {name: _SECONDS.sub(r"\1s", value) for name, value in answer.headers.items()}
    headers["X-Request-ID"] = ""
    if "Retry-After" in headers:
        assert 0 < int(headers["Retry-After"]) <= 60
        headers["Retry-After"] = "s"
    body = answer.content
    if b'"timestamp"' in body:
        body = body.replace(answer.json()["timestamp"].encode(), b"")
    return answer.status_code, body, headers


def work_of(tenant: str, username: str, *, version: str) -> list[tuple[Any, ...]]:
    """What each of seven guesses costs and is answered: hashes, statements, bytes and headers."""
    found = []
    address = an_address()
    for _ in range(7):
        before = CountingArgon2.computed
        with CaptureQueriesContext(connection) as captured:
            answer = guess(tenant, username, address=address, version=version)
        found.append((CountingArgon2.computed - before, len(captured), told(answer)))
    return found


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("names", [existing, of_directory, nobody])
def test_nothing_tells_a_name_that_exists_from_one_that_does_not(
    acme: Tenant, names: Any, version: str, known: Known
) -> None:
    guess(acme.slug, "warm-up")
    real, unreal = (work_of(*each(acme, known), version=version) for each in (names, nowhere))
    assert [hashes for hashes, _, _ in real] == [1, 1, 1, 0, 0, 0, 0]
    assert real == unreal


def test_flushing_redis_lifts_no_lock(acme: Tenant, known: Known) -> None:
    slug, username = existing(acme, known)
    lock(slug, username)
    get_redis_connection("default").flushdb()
    assert guess(slug, username, PASSWORD).status_code == 429


@pytest.mark.parametrize("names", [existing, nobody, nowhere])
def test_each_further_failure_locks_for_twice_as_long_but_never_longer_than_an_hour(
    acme: Tenant, names: Any, known: Known
) -> None:
    slug, username = names(acme, known)
    lock(slug, username)
    spans = []
    for _ in range(8):
        spans.append(seconds_locked(guess(slug, username)))
        pass_by(acme, timedelta(hours=1))
        assert guess(slug, username).status_code == 401
    rounded = [round(span / 60) for span in spans]
    assert rounded == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_lock_ends_by_time_and_success_forgives_everything(acme: Tenant, known: Known) -> None:
    slug, username = existing(acme, known)
    lock(slug, username)
    pass_by(acme, timedelta(seconds=61))
    assert guess(slug, username, PASSWORD).status_code == 200
    assert [guess(slug, username).status_code for _ in range(4)] == [401, 401, 401, 429]


def test_failures_are_forgotten_after_a_quarter_of_an_hour_and_locks_after_a_day(
    acme: Tenant, known: Known
) -> None:
    slug, username = existing(acme, known)
    assert [guess(slug, username).status_code for _ in range(2)] == [401, 401]
    pass_by(acme, timedelta(minutes=16))
    assert [guess(slug, username).status_code for _ in range(4)] == [401, 401, 401, 429]
    pass_by(acme, timedelta(hours=25))
    assert [guess(slug, username).status_code for _ in range(4)] == [401, 401, 401, 429]


def test_strangers_lock_a_name_for_strangers_and_not_for_its_bearer_at_the_usual_desk(
    acme: Tenant, known: Known
) -> None:
    member = known(acme)
    home, cafe = an_address(), an_address()
    assert guess(acme.slug, member.username, PASSWORD, address=home).status_code == 200
    for _ in range(30):
        guess(acme.slug, member.username)
    assert guess(acme.slug, member.username, PASSWORD, address=cafe).status_code == 429
    assert guess(acme.slug, member.username, PASSWORD, address=home).status_code == 200


def test_a_known_place_has_a_lock_of_its_own(acme: Tenant, known: Known) -> None:
    member = known(acme)
    home = an_address()
    assert guess(acme.slug, member.username, PASSWORD, address=home).status_code == 200
    lock(acme.slug, member.username, address=home)
    assert guess(acme.slug, member.username, PASSWORD, address=home).status_code == 429
    assert guess(acme.slug, member.username, PASSWORD).status_code == 200


def test_a_place_is_known_for_ninety_days_and_to_one_name_only(acme: Tenant, known: Known) -> None:
    member, other = (known(acme) for _ in range(2))
    home = an_address()
    assert guess(acme.slug, member.username, PASSWORD, address=home).status_code == 200
    for each in (member, other):
        lock(acme.slug, each.username)
    assert guess(acme.slug, other.username, PASSWORD, address=home).status_code == 429
    with scope_of(acme):
        Session.objects.update(created_at=F("created_at") - timedelta(days=91))
    assert guess(acme.slug, member.username, PASSWORD, address=home).status_code == 429


def test_a_network_of_ipv6_is_one_place(acme: Tenant, known: Known) -> None:
    member = known(acme)
    assert guess(acme.slug, member.username, PASSWORD, address="2001:db8:7:1::5").status_code == 200
    lock(acme.slug, member.username)
    assert guess(acme.slug, member.username, PASSWORD, address="2001:db8:7:1::6").status_code == 200
    assert guess(acme.slug, member.username, PASSWORD, address="2001:db8:7:2::5").status_code == 429


def test_an_administrator_sees_and_lifts_a_lock(acme: Tenant, acme_client: ApiClient, known: Known) -> None:
    member = known(acme)
    home = an_address()
    assert guess(acme.slug, member.username, PASSWORD, address=home).status_code == 200
    lock(acme.slug, member.username)
    lock(acme.slug, member.username, address=home)
    path = f"/api/v2/members/{member.public_id}"
    assert acme_client.get(path).json()["locked_until"] is not None
    request_id = unique("trail")
    assert acme_client.post(f"{path}/unlock", HTTP_X_REQUEST_ID=request_id).status_code == 204
    assert acme_client.get(path).json()["locked_until"] is None
    assert guess(acme.slug, member.username, PASSWORD, address=home).status_code == 200
    assert guess(acme.slug, member.username, PASSWORD).status_code == 200
    ((name, _, data),) = events_of(acme, request_id=request_id)
    assert (name, data) == ("login.unlocked", {"username": member.username})


@pytest.mark.parametrize("spelt", ["ADA", "ａｄａ", "àdá", "a\u030ada", "𝐚𝐝𝐚", "a d a"])
def test_another_spelling_is_no_further_guess(acme: Tenant, spelt: str) -> None:
    """A directory may take all of them for one person."""
    lock(acme.slug, "ada")
    assert guess(acme.slug, spelt).status_code == 429
    assert guess(acme.slug, "adam").status_code == 401


def test_unlocking_one_name_unlocks_no_other(acme: Tenant, globex: Tenant, known: Known) -> None:
    first = known(acme, username="ada")
    other = known(acme, username="bob")
    theirs = known(globex, username="ada")
    for each in (first, other, theirs):
        lock(each.tenant.slug, each.username)
    client_of(make_member(acme)).post(f"/api/v2/members/{first.public_id}/unlock")
    statuses = [
        guess(each.tenant.slug, each.username, PASSWORD).status_code for each in (first, other, theirs)
    ]
    assert statuses == [200, 429, 429]


@pytest.mark.parametrize("names", [existing, nobody, nowhere])
def test_every_refusal_and_the_lock_are_in_the_trail(acme: Tenant, names: Any, known: Known) -> None:
    slug, username = names(acme, known)
    request_id = unique("trail")
    for _ in range(5):
        guess(slug, username, HTTP_X_REQUEST_ID=request_id)
    events = events_of(None if names is nowhere else acme, request_id=request_id)
    assert [name for name, _, _ in events] == ["login.refused"] * 3 + ["login.locked"]
    _, actor, data = events[-1]
    assert (actor, data["username"], data["failures"]) == ("system:login", username, 3)


def test_guesses_made_together_do_not_slip_through(acme: Tenant, known: Known) -> None:
    slug, username = existing(acme, known)
    with Crew(8) as crew:
        statuses = crew.all_do(lambda _: guess(slug, username).status_code)
    assert statuses.count(401) <= 3


def test_who_is_turned_away_by_a_busy_server_has_guessed_nothing(acme: Tenant, known: Known) -> None:
    slug, username = existing(acme, known)
    with Crew(8) as crew:
        statuses = crew.all_do(lambda _: guess(slug, username).status_code)
    with scope_of(acme):
        counted = LoginGuard.objects.get().failures
    assert counted <= 3
    assert statuses.count(401) == counted


def test_what_is_given_back_after_its_window_leaves_no_count_without_an_end() -> None:
    limit, redis = throttling.address_limit(an_address()), get_redis_connection("default")
    counter = throttling.Counter()
    counter.spend([limit])
    redis.delete(limit.key)
    counter.give_back([limit], forgive=False)
    assert not redis.exists(limit.key)
    counter.spend([limit])
    counter.give_back([limit, limit], forgive=False)
    assert int(redis.get(limit.key)) == 0
    assert 0 < redis.ttl(limit.key) <= 900


def test_limited_answers_say_what_is_left(acme: Tenant, known: Known) -> None:
    slug, username = existing(acme, known)
    address = an_address()
    first, *_, last = (guess(slug, username, address=address) for _ in range(4))
    assert first.headers["RateLimit-Policy"] == '"account";q=3;w=900, "address";q=1000;w=900'
    assert first.headers["RateLimit"].startswith('"account";r=2;t=900, "address";r=999;t=')
    assert last.headers["RateLimit"].startswith('"account";r=0;t=')
    assert 0 < seconds_locked(last) <= 60
    right = guess(slug, known(acme).username, PASSWORD)
    assert (right.status_code, "RateLimit" in right.headers) == (200, True)


def test_a_right_password_that_is_not_enough_is_no_guess_and_forgives_nothing(
    acme: Tenant, known: Known
) -> None:
    member = known(acme)
    assert [guess(acme.slug, member.username).status_code for _ in range(2)] == [401, 401]
    with scope_of(acme):
        Membership.objects.filter(id=member.id).update(must_change_password=True)
    guess(acme.slug, member.username, PASSWORD)
    with scope_of(acme):
        assert LoginGuard.objects.get().failures in (0, 2)
