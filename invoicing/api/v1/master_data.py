"""What the views of master data in v1 share: fields, bodies, numbered pages, their OpenAPI side."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from invoicing.models.master import MasterRecord
from tenants.disclosure import disclosed
from tenants.http.openapi import parameters_of
from tenants.http.pagination import PageQuery
from tenants.http.parsing import parse_request
from tenants.http.serializers import CleanCharField, StrictSerializer, page_of
from tenants.http.values import Text

F = TypeVar("F", bound=Callable[..., Any])
M = TypeVar("M", bound=MasterRecord)


class OrderedQuery(PageQuery, kw_only=True):
    """What every list takes; each says by what it can be ordered and narrowed further."""

    ordering: str
    include_inactive: bool = False


class RecordQuery(OrderedQuery, kw_only=True):
    """The same for records that have a name."""

    q: Text | None = None


class RecordSerializer(StrictSerializer):
    """What every record shows beside what can be stated of it."""

    id = serializers.CharField(source="public_id", read_only=True)
    is_active = serializers.BooleanField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return disclosed(super().to_representation(instance))


def optional_text(max_length: int) -> CleanCharField:
    """A line that may be left out; empty and null both stand for none."""
    return CleanCharField(max_length=max_length, required=False, allow_blank=True, allow_null=True)


def stated(request: HttpRequest, kind: type[StrictSerializer]) -> dict[str, Any]:
    """The members of a whole body. Raises ValidationError, InvalidInput."""
    return _validated(request, kind, partial=False)


def patched(
    request: HttpRequest, kind: type[StrictSerializer], record: MasterRecord | None = None
) -> dict[str, Any]:
    """The members that a merge patch names (RFC 7396); None resets one.

    `record` is what is patched, where a member is an object that is merged into the one it has.
    """
    return _validated(request, kind, record, partial=True)


def _validated(
    request: HttpRequest, kind: type[StrictSerializer], record: MasterRecord | None = None, *, partial: bool
) -> dict[str, Any]:
    serializer = kind(record, data=parse_request(request, dict[str, Any]), partial=partial)
    serializer.is_valid(raise_exception=True)
    values: dict[str, Any] = serializer.validated_data
    return values


def page(query: OrderedQuery, rows: QuerySet[M], kind: type[StrictSerializer]) -> Response:
    """One page of `rows` and how many there are: two statements."""
    total = rows.count()
    found = rows[query.offset : query.offset + query.limit]
    return Response(query.body(list(kind(found, many=True).data), total))


class Documented:
    """One kind of record in the schema: `many` as in the path, `one` with its article.

    `creates` says what else is made along with one.
    """

    def __init__(
        self,
        many: str,
        one: str,
        *,
        query: type[OrderedQuery],
        kind: type[RecordSerializer],
        patch: type[StrictSerializer] | None = None,
        creates: str | None = None,
    ) -> None:
        self.many, self.one = many, one
        self.query, self.kind, self.patch = query, kind, patch or kind
        self.creates = creates

    def listing(self, view: F) -> F:
        return self._operation(
            "list",
            f"List {self.many.replace('-', ' ')}",
            parameters=parameters_of(self.query),
            responses=page_of(self.kind),
        )(view)

    def creation(self, view: F) -> F:
        return self._operation(
            "create",
            f"Create {self.one}",
            description=self.creates,
            request=self.kind,
            responses={201: self.kind},
        )(view)

    def reading(self, view: F) -> F:
        return self._operation("retrieve", f"Read {self.one}, active or not", responses=self.kind)(view)

    def change(self, view: F) -> F:
        patch = self.patch(partial=True)
        media_types = ("application/merge-patch+json", "application/json")
        return self._operation(
            "update",
            f"Change {self.one} (JSON merge patch, RFC 7396); the last write wins",
            request=dict.fromkeys(media_types, patch),
            responses=self.kind,
        )(view)

    def deactivation(self, view: F) -> F:
        summary = f"Deactivate {self.one}; what refers to it stays readable"
        return self._operation("deactivate", summary, responses={204: None})(view)

    def reactivation(self, view: F) -> F:
        summary = f"Take {self.one} into use again"
        return self._operation("reactivate", summary, request=None, responses=self.kind)(view)

    def _operation(self, name: str, summary: str, **described: Any) -> Callable[[F], F]:
        operation_id = f"{self.many.replace('-', '_')}_{name}"
        return extend_schema(operation_id=operation_id, summary=summary, **described)
