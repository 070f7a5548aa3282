"""The views that every kind of master data has: a list, one record, and taking one into use again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from invoicing.api.v1.master_data import Documented, page, patched, stated
from tenants import ids
from tenants.capabilities import CATALOGUE_READ, CATALOGUE_WRITE
from tenants.http.idempotency import idempotent
from tenants.http.pagination import PageQuery
from tenants.http.query import parse_query
from tenants.http.versions import V1View

Data = dict[str, Any]


def _as_stated(data: Data, record: Any) -> Data:
    del record
    return data


def references(*names: str) -> Callable[[Data, Any], Data]:
    """The `fields` of a kind whose bodies name other records, once and for all when one is made."""

    def fields(data: Data, record: Any) -> Data:
        if record is not None:
            return data
        others = {name: value for name, value in data.items() if name.removesuffix("_id") not in names}
        return {**others, **{name: data.get(f"{name}_id") for name in names}}

    return fields


@dataclass(frozen=True)
class RecordKind:
    """A kind of record: what it is documented as, and what is read and written.

    `list` takes what the documented query narrows by. The services take the id as the argument `name`, the
    rest as `fields` makes it of a body's members and of the record that is changed, None for a new one.
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
    fields: Callable[[Data, Any], Data] = _as_stated

    def id_of(self, named: Mapping[str, str]) -> dict[str, Any]:
        """The id in the path, as the services name it. Raises InvalidId."""
        (public_id,) = named.values()
        return {self.name: ids.decode(self.prefix, public_id)}


class RecordView(V1View):
    """What is told of its kind; `operations` are the documented ones by method."""

    kind: ClassVar[RecordKind]
    operations: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "kind" in cls.__dict__:
            documented = {
                method: getattr(cls.kind.documented, operation)
                for method, operation in cls.operations.items()
            }
            extend_schema_view(**documented)(cls)

    def found(self, named: Mapping[str, str]) -> Any:
        return self.kind.find(**self.kind.id_of(named))

    def shown(self, record: Any, *, status: int = 200) -> Response:
        return Response(self.kind.documented.kind(record).data, status=status)


class RecordList(RecordView):
    """All of a kind."""

    capability: ClassVar = {"GET": CATALOGUE_READ, "POST": CATALOGUE_WRITE}
    operations: ClassVar = {"get": "listing", "post": "creation"}

    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, self.kind.documented.query)
        narrowing = set(query.__struct_fields__) - set(PageQuery.__struct_fields__)
        rows = self.kind.list(**{name: getattr(query, name) for name in narrowing})
        return page(query, rows, self.kind.documented.kind)

    @idempotent
    def post(self, request: Request) -> HttpResponseBase:
        data = self.kind.fields(stated(request, self.kind.documented.kind), None)
        return self.shown(self.kind.create(**data), status=201)


class RecordDetail(RecordView):
    """One of a kind."""

    capability: ClassVar = {"GET": CATALOGUE_READ, "PATCH": CATALOGUE_WRITE, "DELETE": CATALOGUE_WRITE}
    operations: ClassVar = {"get": "reading", "patch": "change", "delete": "deactivation"}

    def get(self, request: Request, **named: str) -> HttpResponseBase:
        del request
        return self.shown(self.found(named))

    def patch(self, request: Request, **named: str) -> HttpResponseBase:
        record = self.found(named)
        changes = self.kind.fields(patched(request, self.kind.documented.patch, record), record)
        return self.shown(self.kind.update(**self.kind.id_of(named), **changes))

    def delete(self, request: Request, **named: str) -> HttpResponseBase:
        del request
        self.kind.deactivate(**self.kind.id_of(named))
        return Response(status=204)


class RecordReactivation(RecordView):
    """One that was deactivated is taken into use again."""

    capability: ClassVar = {"POST": CATALOGUE_WRITE}
    operations: ClassVar = {"post": "reactivation"}

    @idempotent
    def post(self, request: Request, **named: str) -> HttpResponseBase:
        return self.shown(self.kind.reactivate(**self.kind.id_of(named)))
