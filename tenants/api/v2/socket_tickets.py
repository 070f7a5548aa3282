"""v2: what opens a socket."""

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.http.callers import own_session_id, token_ends_at
from tenants.http.permissions import SIGNED_IN
from tenants.http.serializers import StrictSerializer
from tenants.http.versions import V2View
from tenants.services.socket_tickets import draw_ticket


class SocketTicketOut(StrictSerializer):
    """A ticket, shown once."""

    ticket = serializers.CharField(source="secret")
    expires_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField()


class SocketTickets(V2View):
    """Tickets for sockets; drawn with a login, never with an API key."""

    capability = SIGNED_IN
    idempotency_exempt = "the answer shows a secret once, and is never kept"

    @extend_schema(
        operation_id="socket_tickets_create",
        summary="Draw a ticket that opens one socket within thirty seconds",
        request=None,
        responses={201: SocketTicketOut},
    )
    def post(self, request: Request) -> HttpResponseBase:
        drawn = draw_ticket(session_id=own_session_id(), closes_at=token_ends_at(request))
        return Response(SocketTicketOut(drawn).data, status=201, headers={"Cache-Control": "no-store"})
