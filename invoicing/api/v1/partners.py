"""The views that customers and vendors have in common."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from invoicing.api.v1.master_data import page, patched, stated
from invoicing.api.v1.partner_data import PartnerQuery, PartnerSerializer, merged_into
from tenants import ids
from tenants.capabilities import CATALOGUE_READ, CATALOGUE_WRITE, PARTIES_MERGE
from tenants.http.idempotency import idempotent
from tenants.http.query import parse_query
from tenants.http.serializers import StrictSerializer
from tenants.http.versions import V1View


@dataclass(frozen=True)
class PartnerKind:
    """Customers or vendors: how they are shown, read and written; services take the id as `name`."""

    prefix: str
    name: str
    serializer: type[PartnerSerializer]
    find: Callable[..., Any]
    list: Callable[..., QuerySet[Any]]
    create: Callable[..., Any]
    update: Callable[..., Any]
    deactivate: Callable[..., Any]
    reactivate: Callable[..., Any]
    merge: Callable[..., Any]

    def id_of(self, named: dict[str, str]) -> dict[str, Any]:
        """The id in the path, as the services name it. Raises InvalidId."""
        (public_id,) = named.values()
        return {self.name: ids.decode(self.prefix, public_id)}


class PartnerView(V1View):
    """What is told of its kind."""

    kind: ClassVar[PartnerKind]

    def shown(self, partner: Any, *, status: int = 200) -> Response:
        return Response(self.kind.serializer(partner).data, status=status)


class PartnerList(PartnerView):
    """All of a kind."""

    capability: ClassVar = {"GET": CATALOGUE_READ, "POST": CATALOGUE_WRITE}

    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, PartnerQuery)
        rows = self.kind.list(
            q=query.q,
            reference=query.reference,
            country=query.country,
            currency=query.currency,
            ordering=query.ordering,
            include_inactive=query.include_inactive,
            metadata=query.metadata,
        )
        return page(query, rows, self.kind.serializer)

    @idempotent
    def post(self, request: Request) -> HttpResponseBase:
        return self.shown(self.kind.create(**stated(request, self.kind.serializer)), status=201)


class PartnerDetail(PartnerView):
    """One of a kind."""

    capability: ClassVar = {"GET": CATALOGUE_READ, "PATCH": CATALOGUE_WRITE, "DELETE": CATALOGUE_WRITE}

    def get(self, request: Request, **named: str) -> HttpResponseBase:
        return self.shown(self.kind.find(**self.kind.id_of(named)))

    def patch(self, request: Request, **named: str) -> HttpResponseBase:
        partner = self.kind.find(**self.kind.id_of(named))
        changes = merged_into(partner, patched(request, self.kind.serializer, partner))
        return self.shown(self.kind.update(**self.kind.id_of(named), **changes))

    def delete(self, request: Request, **named: str) -> HttpResponseBase:
        self.kind.deactivate(**self.kind.id_of(named))
        return Response(status=204)


class PartnerReactivation(PartnerView):
    """One that was deactivated is taken into use again."""

    capability: ClassVar = {"POST": CATALOGUE_WRITE}

    @idempotent
    def post(self, request: Request, **named: str) -> HttpResponseBase:
        return self.shown(self.kind.reactivate(**self.kind.id_of(named)))


class PartnerMerge(PartnerView):
    """One turns out to be another: it becomes an alias of that one, which is answered."""

    capability: ClassVar = {"POST": PARTIES_MERGE}
    body: ClassVar[type[StrictSerializer]]

    @idempotent
    def post(self, request: Request, **named: str) -> HttpResponseBase:
        self.kind.find(**self.kind.id_of(named))
        into = stated(request, self.body)["into"]
        return self.shown(self.kind.merge(**self.kind.id_of(named), into=into))
