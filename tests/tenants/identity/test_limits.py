"""How often and how many at once: guesses, hashes, and what happens without Redis."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.test.utils import override_settings

from tenants.hashing import Gate, TooManyLogins
from tenants.http import throttling
from tenants.models import Tenant
from tests.factories import PASSWORD, ApiClient, an_address, make_member, unique
from tests.factories.threads import Crew

pytestmark = pytest.mark.usefixtures("few_guesses")


@pytest.fixture
def few_guesses() -> Iterator[None]:
    with override_settings(LOGIN_FAILURES_PER_ACCOUNT=3, LOGIN_FAILURES_PER_ADDRESS=5):
        yield


def guess(tenant: str, username: str, password: str = "wrong", address: str = "") -> Any:
    body = {"tenant": tenant, "username": username, "password": password}
    return ApiClient(REMOTE_ADDR=address or an_address()).post("/api/v2/auth/token", body)


@pytest.mark.parametrize("exists", [True, False])
def test_an_account_is_closed_for_a_while_whether_or_not_it_exists(acme: Tenant, exists: bool) -> None:
    username = make_member(acme, password=PASSWORD).username if exists else unique("nobody")
    assert [guess(acme.slug, username).status_code for _ in range(4)] == [401, 401, 401, 429]
    answer = guess(acme.slug, username.upper(), PASSWORD)
    assert (answer.status_code, answer.json()["code"]) == (429, "too-many-attempts")
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert answer.headers["RateLimit-Policy"] == '"account";q=3;w=900, "address";q=5;w=900'
    assert answer.headers["RateLimit"].startswith('"account";r=0;t=')


def test_an_address_is_closed_whatever_it_guesses(acme: Tenant) -> None:
    address = an_address()
    answers = [guess(acme.slug, unique("nobody"), address=address).status_code for _ in range(6)]
    assert answers == [401] * 5 + [429]
    assert guess(acme.slug, unique("nobody")).status_code == 401


def test_a_whole_ipv6_network_is_one_address(acme: Tenant) -> None:
    network = f"2001:db8:{time.time_ns() % 65536:x}:{threading.get_ident() % 65536:x}"
    answers = [
        guess(acme.slug, unique("nobody"), address=f"{network}::{n:x}").status_code for n in range(1, 7)
    ]
    assert answers[-1] == 429


def test_success_forgives_the_account_and_counts_nothing(acme: Tenant) -> None:
    member = make_member(acme, password=PASSWORD)
    address = an_address()
    for _ in range(2):
        assert guess(acme.slug, member.username).status_code == 401
    for _ in range(6):
        assert guess(acme.slug, member.username, PASSWORD, address).status_code == 200
    answers = [guess(acme.slug, member.username).status_code for _ in range(4)]
    assert answers == [401, 401, 401, 429]


def test_one_account_is_not_closed_by_the_failures_of_another(acme: Tenant, globex: Tenant) -> None:
    username = unique("ada")
    make_member(globex, username=username, password=PASSWORD)
    for _ in range(4):
        guess(acme.slug, username)
    assert guess(globex.slug, username, PASSWORD).status_code == 200


def test_guesses_made_together_do_not_slip_through(acme: Tenant) -> None:
    username = unique("nobody")
    with Crew(8) as crew:
        statuses = crew.all_do(lambda _: guess(acme.slug, username).status_code)
    # Those turned away by the hashes have guessed nothing.
    assert statuses.count(401) <= 3


def test_the_old_password_cannot_be_guessed_either(acme: Tenant) -> None:
    client = ApiClient().log_in(make_member(acme, password=PASSWORD))
    body = {"old_password": "wrong", "new_password": "quite another passphrase"}
    statuses = [client.post("/api/v2/auth/password", body).status_code for _ in range(4)]
    assert statuses == [403, 403, 403, 429]


def test_without_redis_logins_work_accounts_are_locked_and_a_dead_server_is_not_asked_each_time(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = make_member(acme, password=PASSWORD)
    monkeypatch.setattr(throttling, "_counter", throttling.Counter())
    unreachable = {
        "default": {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
            "OPTIONS": {"CONNECTION_POOL_KWARGS": {"retry": None, "retry_on_error": []}},
        }
    }
    with override_settings(CACHES=unreachable):
        assert guess(acme.slug, member.username, PASSWORD).status_code == 200
        answers = [guess(acme.slug, member.username) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert answers[0].headers["RateLimit-Policy"] == '"account";q=3;w=900'


def test_a_storm_of_logins_is_turned_away_at_the_gate() -> None:
    gate = Gate(at_once=2, patience=0.05)
    inside, most, refused = 0, 0, 0
    lock = threading.Lock()
    leave = threading.Event()

    def hash_something(_: int) -> None:
        nonlocal inside, most, refused
        try:
            with gate.enter():
                with lock:
                    inside += 1
                    most = max(most, inside)
                leave.wait(10)
                with lock:
                    inside -= 1
        except TooManyLogins:
            with lock:
                refused += 1
                if refused == 8:
                    leave.set()

    with Crew(10) as crew:
        crew.all_do(hash_something)
    assert (most, refused) == (2, 8)
    with gate.enter():
        pass


def test_a_storm_of_logins_leaves_the_api_answering(acme: Tenant, acme_client: ApiClient) -> None:
    member = make_member(acme, password=PASSWORD)
    acme_client.get("/api/v2/tenant")
    calm = fastest(acme_client)
    during: list[float] = []
    statuses: list[int] = []
    with Crew(12) as crew:

        def work(number: int) -> None:
            if number == 0:
                during.append(fastest(acme_client))
            else:
                statuses.append(guess(acme.slug, member.username, PASSWORD).status_code)

        crew.all_do(work)
    assert set(statuses) <= {200, 429}
    assert statuses.count(200) >= 1
    # 110 ms is one hash: an answer never waits for eleven of them.
    assert during[0] < max(0.25, calm * 20)


def fastest(client: ApiClient) -> float:
    """Seconds of the fastest of ten reads."""
    spent = []
    for _ in range(10):
        before = time.perf_counter()
        assert client.get("/api/v2/tenant").status_code == 200
        spent.append(time.perf_counter() - before)
    return min(spent)
