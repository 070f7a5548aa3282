"""Tickets that open sockets: one entry, soon, for a login that still holds."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connections

from tenants.errors import DomainError
from tenants.models import SocketTicket, Tenant
from tenants.selectors.sessions import MembershipRevoked, SessionOver
from tenants.services.socket_tickets import LIFETIME, TicketRefused
from tenants.tokens import access_tokens
from tenants.workflows.tickets import admit
from tests.factories import ApiClient, client_of, make_member, scope_of


@pytest.fixture
def client(acme: Tenant) -> ApiClient:
    return client_of(make_member(acme, role="viewer"))


def draw(client: ApiClient, version: str = "v2") -> dict[str, Any]:
    answer = client.post(f"/api/{version}/socket-tickets")
    assert answer.status_code == 201, answer.content
    assert answer.headers["Cache-Control"] == "no-store"
    body: dict[str, Any] = answer.json()
    return body["data"] if version == "v1" else body


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_ticket_lets_its_owner_in(acme: Tenant, client: ApiClient, version: str) -> None:
    drawn = draw(client, version)
    admitted = admit(ticket=drawn["ticket"])
    assert client.member is not None
    assert (admitted.tenant_id, admitted.actor.membership_id) == (acme.id, client.member.id)
    assert admitted.actor.can("invoices.read")
    assert not admitted.actor.can("invoices.write")
    assert drawn["expires_at"] < drawn["closes_at"]


def test_a_socket_closes_when_the_token_ends_that_drew_its_ticket(client: ApiClient) -> None:
    closes_at = admit(ticket=draw(client)["ticket"]).closes_at
    ends_at = access_tokens().verify(client.access).expires_at
    assert closes_at == datetime.fromtimestamp(ends_at, UTC)


def test_of_sixteen_who_come_with_one_ticket_one_gets_in(client: ApiClient) -> None:
    ticket = draw(client)["ticket"]

    def enter(number: int) -> bool:
        del number
        try:
            admit(ticket=ticket)
        except TicketRefused:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(enter, range(16))) == 1
    with pytest.raises(TicketRefused):
        admit(ticket=ticket)


def test_a_ticket_is_over_soon(acme: Tenant, client: ApiClient) -> None:
    ticket = draw(client)["ticket"]
    with scope_of(acme):
        kept = SocketTicket.objects.get()
        assert bytes(kept.digest) != ticket.encode()
        SocketTicket.objects.update(expires_at=kept.expires_at - LIFETIME)
    with pytest.raises(TicketRefused):
        admit(ticket=ticket)


def test_a_logout_closes_the_door_to_tickets_drawn_before(client: ApiClient) -> None:
    ticket = draw(client)["ticket"]
    client.post("/api/v2/auth/logout", {"refresh": client.refresh})
    with pytest.raises(SessionOver):
        admit(ticket=ticket)


def test_a_member_who_was_removed_does_not_enter(acme: Tenant, client: ApiClient) -> None:
    ticket = draw(client)["ticket"]
    admin = client_of(make_member(acme, role="admin"))
    assert client.member is not None
    assert admin.delete(f"/api/v2/members/{client.member.public_id}").status_code == 204
    with pytest.raises((MembershipRevoked, SessionOver)):
        admit(ticket=ticket)


@pytest.mark.parametrize("ticket", ["", "qt_", "qt_" + "a" * 43, "x" * 5000, "\0", "\ud800"])
def test_what_is_no_ticket_is_refused(ticket: str) -> None:
    with pytest.raises(DomainError, match="draw another"):
        admit(ticket=ticket)
