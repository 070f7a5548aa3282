"""The views that customers and vendors have in common."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from invoicing import models
from invoicing.api.v2.master_data import Json, answer, columns, created, expected_version, page, patched
from invoicing.api.v2.partner_in import PartnerIn, PartnerQuery
from tenants import ids
from tenants.capabilities import CATALOGUE_READ, CATALOGUE_WRITE, PARTIES_MERGE
from tenants.http.idempotency import idempotent
from tenants.http.parsing import parse_request
from tenants.http.query import parse_query
from tenants.http.versions import V2View


@dataclass(frozen=True)
class PartnerKind:
    """Customers or vendors: their body, what is read and written, and how it is shown.

    The services take the id as the argument `name`, the rest as `fields` makes it of a body's members.
    """

    prefix: str
    name: str
    body: type[PartnerIn]
    fields: Callable[[Json], dict[str, Any]]
    find: Callable[..., Any]
    list: Callable[..., QuerySet[Any]]
    create: Callable[..., Any]
    update: Callable[..., Any]
    deactivate: Callable[..., Any]
    reactivate: Callable[..., Any]
    merge: Callable[..., Any]
    merge_body: type[Any]
    out: Callable[[Any], Json]

    def id_of(self, named: dict[str, str]) -> dict[str, Any]:
        """The id in the path, as the services name it. Raises InvalidId."""
        (public_id,) = named.values()
        return {self.name: ids.decode(self.prefix, public_id)}


class PartnerView(V2View):
    """What is told of its kind."""

    kind: ClassVar[PartnerKind]

    def found(self, named: dict[str, str]) -> models.Partner:
        partner: models.Partner = self.kind.find(**self.kind.id_of(named))
        return partner


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
        return page(query, rows, self.kind.out)

    @idempotent
    def post(self, request: Request) -> HttpResponseBase:
        stated = self.kind.fields(columns(parse_request(request, self.kind.body)))
        return created(request, self.kind.out(self.kind.create(**stated)))


class PartnerDetail(PartnerView):
    """One of a kind."""

    capability: ClassVar = {"GET": CATALOGUE_READ, "PATCH": CATALOGUE_WRITE, "DELETE": CATALOGUE_WRITE}

    def get(self, request: Request, **named: str) -> HttpResponseBase:
        return answer(request, self.kind.out(self.found(named)))

    def patch(self, request: Request, **named: str) -> HttpResponseBase:
        partner = self.found(named)
        version = expected_version(request, partner)
        changes = self.kind.fields(patched(request, self.kind.out(partner), self.kind.body))
        changed = self.kind.update(**self.kind.id_of(named), expected_version=version, **changes)
        return answer(request, self.kind.out(changed))

    def delete(self, request: Request, **named: str) -> HttpResponseBase:
        version = expected_version(request, self.found(named), optional=True)
        self.kind.deactivate(**self.kind.id_of(named), expected_version=version)
        return Response(status=204)


class PartnerReactivation(PartnerView):
    """One that was deactivated is taken into use again."""

    capability: ClassVar = {"POST": CATALOGUE_WRITE}

    @idempotent
    def post(self, request: Request, **named: str) -> HttpResponseBase:
        return answer(request, self.kind.out(self.kind.reactivate(**self.kind.id_of(named))))


class PartnerMerge(PartnerView):
    """One turns out to be another: it becomes an alias of that one, which is answered."""

    capability: ClassVar = {"POST": PARTIES_MERGE}

    @idempotent
    def post(self, request: Request, **named: str) -> HttpResponseBase:
        self.found(named)
        into = parse_request(request, self.kind.merge_body).into
        return answer(request, self.kind.out(self.kind.merge(**self.kind.id_of(named), into=into)))
