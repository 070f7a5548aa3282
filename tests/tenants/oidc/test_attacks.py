"""What must not log anybody in, with the answer it gets."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, connections
from django.utils import timezone
from django_redis import get_redis_connection
from pytest_django.fixtures import Settings

from audit.models import PendingEntry
from tenants import ids
from tenants.http import throttling
from tenants.ids import uuid7
from tenants.models import Session, SsoRound, Tenant
from tenants.web import cookies
from tests.factories import ApiClient, an_address, make_tenant, scope_of, unique
from tests.factories.openid import Directory, House, client_at, configure, open_house, settings_for
from tests.factories.pages import PageClient
from tests.tenants.oidc.trips import CALLBACK, come_back, leave, parameters_of, start


def refusal_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def nobody_is_in(tenant: Tenant) -> bool:
    with scope_of(tenant):
        return not Session.objects.exists()


def test_a_state_works_once(tenant: Tenant, house: House) -> None:
    client = ApiClient()
    back = leave(client, tenant, house)
    assert come_back(client, back).status_code == 200
    assert refusal_of(come_back(client, back)) == (400, "sso-state-invalid")
    fresh = leave(client, tenant, house)
    replayed = come_back(client, back, code=parameters_of(fresh)["code"])
    assert refusal_of(replayed) == (400, "sso-state-invalid")


def test_a_state_is_for_one_tenant_and_its_time(tenant: Tenant, house: House, globex: Tenant) -> None:
    client = ApiClient()
    back = leave(client, tenant, house)
    state = parameters_of(back)["state"]
    moved = state.replace(tenant.public_id, globex.public_id)
    for forged in (moved, "", "x", "api.ten_1.x", state[:-1], f"{state}x", "a.b.c.d", "\x00", "é"):
        assert refusal_of(come_back(client, back, state=forged)) == (400, "sso-state-invalid"), forged
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=True):
        assert refusal_of(come_back(client, back)) == (400, "sso-state-invalid")
    assert nobody_is_in(tenant)


def test_a_state_given_twice_counts_as_none(tenant: Tenant, house: House) -> None:
    client = ApiClient()
    back = leave(client, tenant, house)
    doubled = client.get(back.removeprefix("http://127.0.0.1:8000") + "&state=x")
    assert refusal_of(doubled) == (400, "sso-state-invalid")


def test_another_browser_cannot_return_and_uses_nothing_up(tenant: Tenant, house: House) -> None:
    client, thief = ApiClient(), ApiClient()
    back = leave(client, tenant, house)
    assert refusal_of(come_back(thief, back)) == (400, "sso-other-browser")
    start(thief, tenant)
    assert refusal_of(come_back(thief, back)) == (400, "sso-other-browser")
    thief.cookies["quittance_sso"] = "x" * 43
    assert refusal_of(come_back(thief, back)) == (400, "sso-other-browser")
    assert come_back(client, back).status_code == 200


def test_a_code_of_another_trip_does_not_fit_the_verifier(tenant: Tenant, house: House) -> None:
    thief, victim = ApiClient(), ApiClient()
    stolen = parameters_of(leave(victim, tenant, house))["code"]
    house.account("mallory")
    own = leave(thief, tenant, house, "mallory")
    assert refusal_of(come_back(thief, own, code=stolen)) == (401, "sso-refused")
    assert nobody_is_in(tenant)


@pytest.mark.parametrize("code", [None, "", "none", "x" * 5000, "a\nb"])
def test_without_a_code_of_the_provider_nobody_comes_in(
    tenant: Tenant, house: House, code: str | None
) -> None:
    client = ApiClient()
    back = leave(client, tenant, house)
    assert refusal_of(come_back(client, back, code=code)) == (401, "sso-refused")


def test_an_answer_of_another_provider_is_mixed_up(
    tenant: Tenant, house: House, directory: Directory
) -> None:
    other = open_house(directory)
    for issuer in (other.issuer, f"{house.issuer}/", house.issuer.upper(), None, ""):
        client = ApiClient()
        back = leave(client, tenant, house)
        house.seen()
        assert refusal_of(come_back(client, back, iss=issuer)) == (400, "sso-mixed-up"), issuer
        assert not any(each["url"].endswith("/token") for each in house.seen()), "the code stayed here"


@pytest.mark.parametrize("is_silent", [False, True])
def test_a_provider_cannot_hand_in_what_another_one_gave(
    house: House, directory: Directory, is_silent: bool
) -> None:
    """The attacker's tenant has a provider of its own, which sends the victim on to the honest one."""
    honest, evil = make_tenant("honest"), make_tenant("evil")
    own = f"http://127.0.0.1:8000/api/v2/auth/sso/{honest.slug}/callback"
    house.change(silent=True, client=client_at(own))
    configure(honest, "oidc", settings_for(house))
    trap = open_house(directory, silent=is_silent)
    configure(evil, "oidc", settings_for(trap))
    attacker, victim = ApiClient(), ApiClient()
    lure = parameters_of(start(attacker, honest)["Location"])
    trapped = parameters_of(start(victim, evil)["Location"])["state"]
    asked = start(attacker, honest)["Location"].partition("?")[0]
    query = "&".join(f"{name}={value}" for name, value in {**lure, "state": trapped}.items())
    back = house.sign_in(f"{asked}?{query}")
    assert back.startswith(own)
    assert refusal_of(come_back(victim, back)) == (400, "sso-mixed-up")
    shared = back.replace(f"/{honest.slug}/callback", "/callback")
    again = parameters_of(start(victim, evil)["Location"])["state"]
    assert refusal_of(come_back(victim, shared, state=again)) == (400, "sso-mixed-up")
    assert not any(each["url"].endswith("/token") for each in trap.seen())


def test_a_silent_provider_may_not_use_the_shared_address(tenant: Tenant, house: House) -> None:
    own = f"http://127.0.0.1:8000/api/v2/auth/sso/{tenant.slug}/callback"
    house.change(silent=True, client=client_at(own))
    client = ApiClient()
    back = leave(client, tenant, house)
    shared = back.replace(f"/{tenant.slug}/callback", "/callback")
    assert refusal_of(come_back(client, shared)) == (400, "sso-mixed-up")


def test_every_refusal_is_in_the_trail(tenant: Tenant, house: House) -> None:
    client = ApiClient()
    back = leave(client, tenant, house)
    come_back(ApiClient(), back)
    come_back(client, back, iss=None)
    come_back(client, back)
    found = PendingEntry.objects.filter(tenant_id=tenant.id, operation="login.refused").order_by("event_id")
    reasons = [entry.new_values["because"] for entry in found]
    assert reasons == ["sso-other-browser", "sso-mixed-up", "sso-state-invalid"]


def test_a_state_of_no_tenant_gets_the_same_answer_and_begins_no_trail_of_its_own(tenant: Tenant) -> None:
    nowhere, request_id = uuid7(), unique("trail")
    answers = [
        ApiClient().get(CALLBACK.format(version="v2"), {"state": state}, HTTP_X_REQUEST_ID=request_id)
        for state in (f"api.{ids.encode('ten', nowhere)}.x", f"api.{tenant.public_id}.x")
    ]
    assert [refusal_of(each) for each in answers] == [(400, "sso-state-invalid")] * 2
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT tenant_id FROM audit_pendingentry WHERE request_id = %s ORDER BY event_id", [request_id]
        )
        assert cursor.fetchall() == [(None,), (tenant.id,)]


def _begun(address: str, tenant: Tenant) -> list[tuple[Any, str]]:
    """Trips begun from an address until it is told to wait."""
    begun = []
    for _ in range(30):
        sent = start(client := ApiClient(REMOTE_ADDR=address), tenant)
        if sent.status_code != 302:
            break
        begun.append((client, sent["Location"]))
    assert (sent.status_code, sent.json()["code"]) == (429, "too-many-attempts")
    assert 0 < int(sent.headers["Retry-After"]) <= 900
    return begun


def test_an_address_begins_no_more_trips_than_it_ends(
    tenant: Tenant, house: House, settings: Settings
) -> None:
    settings.SSO_TRIPS_PER_ADDRESS = 3
    here = an_address()
    begun = _begun(here, tenant)
    assert len(begun) == 3
    assert PageClient(REMOTE_ADDR=here).get(f"/login/sso/{tenant.slug}").status_code == 429
    assert start(ApiClient(REMOTE_ADDR=here), tenant, "v1").status_code == 429
    assert start(ApiClient(), tenant).status_code == 302
    with scope_of(tenant):
        assert SsoRound.objects.count() == 4
    # Whoever has begun comes home all the same, and makes room for the next.
    settings.SSO_TRIPS_PER_ADDRESS = 9
    client, url = begun[0]
    assert come_back(client, house.sign_in(url)).status_code == 200
    assert used_by(here) == 5


@pytest.mark.parametrize("way", ["v1", "v2", "page"])
def test_returns_that_come_to_nothing_are_counted(tenant: Tenant, settings: Settings, way: str) -> None:
    settings.SSO_TRIPS_PER_ADDRESS = 2
    here, path = an_address(), CALLBACK.format(version=way) if way != "page" else "/login/sso/return"
    client = PageClient(REMOTE_ADDR=here)
    state = {"state": f"{'page' if way == 'page' else 'api'}.{tenant.public_id}.x"}
    assert [client.get(path, state).status_code for _ in range(3)] == [400, 400, 429]
    entries = PendingEntry.objects.filter(tenant_id=tenant.id, operation="login.refused")
    assert entries.count() == 2


def test_a_return_that_is_asked_for_more_counts_for_nothing(acme: Tenant, house: House) -> None:
    configure(acme, "oidc", settings_for(house), second_factor="required")
    here = an_address()
    client = ApiClient(REMOTE_ADDR=here)
    assert refusal_of(come_back(client, leave(client, acme, house))) == (401, "mfa-required")
    browser = PageClient(REMOTE_ADDR=here)
    sent = browser.get(f"/login/sso/{acme.slug}")
    through = come_back(browser, house.sign_in(sent["Location"]))
    assert browser.get(through["Location"]).status_code == 302
    assert used_by(here) == 0


def used_by(address: str) -> int:
    """What is counted against an address."""
    return int(get_redis_connection("default").get(throttling.trip_limit(address).key))


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "/\n/x", "x"],
)
def test_nobody_is_sent_out_of_the_installation(tenant: Tenant, house: House, target: str) -> None:
    browser = PageClient()
    sent = browser.get(f"/login/sso/{tenant.slug}", {"next": target})
    through = come_back(browser, house.sign_in(sent["Location"]))
    end = browser.get(through["Location"])
    assert (end.status_code, end["Location"]) == (302, "/invoices")


def test_a_trip_for_programs_puts_nothing_into_cookies(tenant: Tenant, house: House) -> None:
    browser = PageClient()
    sent = start(browser, tenant)
    back = house.sign_in(sent["Location"])
    refused = browser.get("/login/sso/return", parameters_of(back))
    assert refused.status_code == 400
    assert cookies.ACCESS not in refused.cookies
    posing = parameters_of(back)["state"].replace("api.", "page.", 1)
    assert browser.get("/login/sso/return", {**parameters_of(back), "state": posing}).status_code == 400


def test_the_table_keeps_neither_state_nor_cookie_nor_verifier(tenant: Tenant) -> None:
    client = ApiClient()
    state = parameters_of(start(client, tenant)["Location"])["state"]
    with connection.cursor() as cursor, scope_of(tenant):
        cursor.execute("SELECT to_jsonb(r)::text FROM tenants_ssoround r")
        (row,) = cursor.fetchone()
    with scope_of(tenant):
        kept = str(SsoRound.objects.get().verifier)
    assert len(kept) >= 43
    for secret in (state, client.cookies["quittance_sso"].value, kept):
        assert secret not in row
        assert secret.encode().hex() not in row
