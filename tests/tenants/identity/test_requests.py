"""The first and the last of a request: its id, its address, its scope and what that costs."""

import logging
from collections.abc import AsyncIterator, Callable, Iterator
from ipaddress import ip_network

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.http import HttpRequest, StreamingHttpResponse
from django.test import AsyncRequestFactory, RequestFactory
from django.test.utils import override_settings
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from tenants import scope
from tenants.actors import Actor
from tenants.http.authentication import BearerAuthentication
from tenants.http.middleware import RequestContextMiddleware, client_address
from tenants.models import Membership, Tenant
from tenants.scope import require_tenant_id
from tenants.selectors.sessions import MembershipRevoked
from tests.factories import ApiClient, client_of, make_member, scope_of
from tests.tenants.scope.observing import counted_round_trips


def settings_in_force() -> str:
    """The tenant as the database session has it, past all wrappers."""
    raw = connection.connection
    return str(raw.execute("SELECT current_setting('app.tenant_id', true)").fetchone()[0])


@pytest.mark.parametrize("given", ["abc-123", "A.b_c:d", "x" * 64])
def test_a_sane_request_id_is_kept(given: str) -> None:
    assert ApiClient().get("/api/v2/auth/me", HTTP_X_REQUEST_ID=given).headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a\r\nSet-Cookie: x", "ü", "<script>", "-rf"])
def test_any_other_request_id_is_replaced(given: str) -> None:
    answer = ApiClient().get("/api/v2/auth/me", HTTP_X_REQUEST_ID=given)
    assert answer.headers["X-Request-ID"] != given
    assert answer.headers["X-Request-ID"].startswith("req_")


@pytest.mark.parametrize(
    "header", ["X-Tenant-ID", "x_tenant_id", "X-TENANT", "Tenant-Id", "X-Organization-ID"]
)
def test_a_header_that_names_a_tenant_is_ignored_and_logged_on_one_line(
    acme_client: ApiClient, acme: Tenant, globex: Tenant, header: str, caplog: pytest.LogCaptureFixture
) -> None:
    name = "HTTP_" + header.upper().replace("-", "_")
    value = f"{globex.public_id}\r\nWARNING all is well"
    with caplog.at_level(logging.WARNING):
        answer = acme_client.get("/api/v2/auth/me", None, False, **{name: value})
    assert answer.json()["tenant"]["id"] == acme.public_id
    (line,) = [record.getMessage() for record in caplog.records if "ignored header" in record.getMessage()]
    assert globex.public_id in line
    assert "\n" not in line
    assert "\r" not in line


@pytest.mark.parametrize(
    ("remote", "forwarded", "expected"),
    [
        ("198.51.100.7", "203.0.113.1", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.1", "203.0.113.1"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.1", "203.0.113.1"),
        ("10.0.0.1", "203.0.113.1, 10.0.0.2", "203.0.113.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("::ffff:10.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("", "203.0.113.1", ""),
    ],
)
def test_only_our_proxies_are_believed_about_the_address(remote: str, forwarded: str, expected: str) -> None:
    meta = {"REMOTE_ADDR": remote, "HTTP_X_FORWARDED_FOR": forwarded}
    assert client_address(meta, [ip_network("10.0.0.0/8")]) == expected
    assert client_address(meta, []) in (remote, "10.0.0.1")


def test_a_session_remembers_the_address_behind_the_proxy(acme: Tenant) -> None:
    member = make_member(acme)
    client = client_of(member, REMOTE_ADDR="10.0.0.1")
    with override_settings(TRUSTED_PROXIES=[ip_network("10.0.0.0/8")]):
        body = {"refresh": client.refresh}
        client.post("/api/v2/auth/refresh", body, HTTP_X_FORWARDED_FOR="203.0.113.1")
        answer = client.post("/api/v2/auth/refresh", body, HTTP_X_FORWARDED_FOR="203.0.113.2")
    assert answer.json()["code"] == "refresh-reused"


def settings_in(sent: list[str]) -> int:
    """How many of the statements set or cleared the scope."""
    return sum("SET app.tenant_id" in statement for statement in sent)


def test_a_warm_request_sets_and_clears_the_scope_once_and_a_cold_one_asks_once_more(
    acme_client: ApiClient,
) -> None:
    with counted_round_trips() as cold:
        acme_client.get("/api/v2/tenant")
    with counted_round_trips() as warm:
        acme_client.get("/api/v2/tenant")
    assert (settings_in(warm), len(warm)) == (2, 3)
    assert (settings_in(cold), len(cold)) == (3, 5)
    assert settings_in_force() == ""


def test_a_refused_request_touches_no_database() -> None:
    with counted_round_trips() as refused:
        assert ApiClient().get("/api/v2/tenant").status_code == 401
        assert ApiClient(HTTP_AUTHORIZATION="Bearer nonsense").get("/api/v2/tenant").status_code == 401
    assert refused == []


def test_nothing_of_the_scope_is_left_after_a_request(acme_client: ApiClient) -> None:
    acme_client.get("/api/v2/tenant")
    assert scope.current_or_none() is None
    assert settings_in_force() == ""


def test_a_token_that_is_refused_leaves_the_request_without_a_tenant(acme: Tenant) -> None:
    client = client_of(make_member(acme))
    with scope_of(acme):
        Membership.objects.filter(id=client.member.id).update(is_active=False)  # type: ignore[union-attr]
    request = Request(APIRequestFactory().get("/", HTTP_AUTHORIZATION=f"Bearer {client.access}"))
    with scope.enter(scope.Scope(None, Actor.system("anonymous"))):
        with pytest.raises(MembershipRevoked):
            BearerAuthentication().authenticate(request)
        assert scope.current().tenant_id is None


def in_tenant(tenant: Tenant) -> None:
    """What authentication does once the token is verified."""
    scope.become(scope.Scope(tenant.id, Actor.system("test")))


def streaming(tenant: Tenant, seen: list[object]) -> Callable[[HttpRequest], StreamingHttpResponse]:
    def rows() -> Iterator[bytes]:
        for number in range(3):
            seen.append((require_tenant_id(), Tenant.objects.count(), settings_in_force()))
            yield str(number).encode()

    def view(_: HttpRequest) -> StreamingHttpResponse:
        in_tenant(tenant)
        return StreamingHttpResponse(rows())

    return view


def test_what_is_streamed_runs_in_the_scope_and_what_runs_between_does_not(acme: Tenant) -> None:
    seen: list[object] = []
    response = RequestContextMiddleware(streaming(acme, seen))(RequestFactory().get("/"))
    assert isinstance(response, StreamingHttpResponse)
    assert settings_in_force() == ""
    pieces = []
    for piece in response:
        pieces.append(piece)
        assert scope.current_or_none() is None
    response.close()
    assert pieces == [b"0", b"1", b"2"]
    assert seen == [(acme.id, 1, str(acme.id))] * 3
    assert settings_in_force() == ""


def test_a_stream_that_is_left_early_clears_the_scope(acme: Tenant) -> None:
    response = RequestContextMiddleware(streaming(acme, []))(RequestFactory().get("/"))
    assert isinstance(response, StreamingHttpResponse)
    assert next(iter(response)) == b"0"
    assert settings_in_force() == str(acme.id)
    response.close()
    assert settings_in_force() == ""


def test_an_asynchronous_stream_runs_in_the_scope(acme: Tenant) -> None:
    seen: list[object] = []

    async def rows() -> AsyncIterator[bytes]:
        for number in range(3):
            seen.append(require_tenant_id())
            yield str(number).encode()

    def view(_: HttpRequest) -> StreamingHttpResponse:
        in_tenant(acme)
        return StreamingHttpResponse(rows())

    async def read() -> list[bytes]:
        response = RequestContextMiddleware(view)(AsyncRequestFactory().get("/"))
        assert isinstance(response, StreamingHttpResponse)
        pieces = []
        async for piece in response:
            assert scope.current_or_none() is None
            pieces.append(piece)
        return pieces

    assert async_to_sync(read)() == [b"0", b"1", b"2"]
    assert seen == [acme.id] * 3
