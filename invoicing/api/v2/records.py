"""The views that every kind of master data has: a list, one record, and taking one into use again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from invoicing.api.v2.master_data import Json, answer, columns, created, expected_version, page, patched
from invoicing.api.v2.master_schema import Documented
from tenants import ids
from tenants.capabilities import CATALOGUE_READ, CATALOGUE_WRITE
from tenants.http.idempotency import idempotent
from tenants.http.pagination import CursorQuery
from tenants.http.parsing import parse_request
from tenants.http.query import parse_query
from tenants.http.versions import V2View


def _as_stated(stated: Json) -> dict[str, Any]:
    return stated


@dataclass(frozen=True)
class RecordKind:
    """A kind of record: what it is documented as, what is read and written, and how it is shown.

    `list` takes what the documented query narrows by. The services take the id as the argument `name`, the
    rest as `fields` makes it of a body's members.
    """

    documented: Documented
    prefix: str
    name: str
    find: Callable[..., Any]
    list: Callable[..., QuerySet[Any]]
    create: Callable[..., Any]
    update: Callable[..., Any]
    deactivate: Callable[..., Any]
    reactivate: Callable[..., Any]
    out: Callable[[Any], Json]
    fields: Callable[[Json], dict[str, Any]] = _as_stated

    def id_of(self, named: Mapping[str, str]) -> dict[str, Any]:
        """The id in the path, as the services name it. Raises InvalidId."""
        (public_id,) = named.values()
        return {self.name: ids.decode(self.prefix, public_id)}


class RecordView(V2View):
    """What is told of its kind; `operations` are the documented ones by method."""

    kind: ClassVar[RecordKind]
    operations: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "kind" in cls.__dict__:
            documented = {
                method: extend_schema(**getattr(cls.kind.documented, operation))
                for method, operation in cls.operations.items()
            }
            extend_schema_view(**documented)(cls)

    def found(self, named: Mapping[str, str]) -> Any:
        return self.kind.find(**self.kind.id_of(named))


class RecordList(RecordView):
    """All of a kind."""

    capability: ClassVar = {"GET": CATALOGUE_READ, "POST": CATALOGUE_WRITE}
    operations: ClassVar = {"get": "listing", "post": "creation"}

    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, self.kind.documented.query)
        narrowing = set(query.__struct_fields__) - set(CursorQuery.__struct_fields__)
        rows = self.kind.list(**{name: getattr(query, name) for name in narrowing})
        return page(query, rows, self.kind.out)

    @idempotent
    def post(self, request: Request) -> HttpResponseBase:
        stated = self.kind.fields(columns(parse_request(request, self.kind.documented.new)))
        return created(request, self.kind.out(self.kind.create(**stated)))


class RecordDetail(RecordView):
    """One of a kind."""

    capability: ClassVar = {"GET": CATALOGUE_READ, "PATCH": CATALOGUE_WRITE, "DELETE": CATALOGUE_WRITE}
    operations: ClassVar = {"get": "reading", "patch": "change", "delete": "deactivation"}

    def get(self, request: Request, **named: str) -> HttpResponseBase:
        return answer(request, self.kind.out(self.found(named)))

    def patch(self, request: Request, **named: str) -> HttpResponseBase:
        record = self.found(named)
        version = expected_version(request, record)
        changes = self.kind.fields(patched(request, self.kind.out(record), self.kind.documented.patch))
        changed = self.kind.update(**self.kind.id_of(named), expected_version=version, **changes)
        return answer(request, self.kind.out(changed))

    def delete(self, request: Request, **named: str) -> HttpResponseBase:
        version = expected_version(request, self.found(named), optional=True)
        self.kind.deactivate(**self.kind.id_of(named), expected_version=version)
        return Response(status=204)


class RecordReactivation(RecordView):
    """One that was deactivated is taken into use again."""

    capability: ClassVar = {"POST": CATALOGUE_WRITE}
    operations: ClassVar = {"post": "reactivation"}

    @idempotent
    def post(self, request: Request, **named: str) -> HttpResponseBase:
        return answer(request, self.kind.out(self.kind.reactivate(**self.kind.id_of(named))))
