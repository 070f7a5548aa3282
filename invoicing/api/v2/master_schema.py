"""The OpenAPI side of v2's master data: the six operations that each kind of record has."""

from dataclasses import dataclass, field
from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from tenants.disclosure import GUARDED
from tenants.http.openapi import PROBLEM, parameters_of, schema_of
from tenants.http.problems import PROBLEM_TYPE

Operation = dict[str, Any]
Json = dict[str, Any]

_IF_MATCH = "The ETag of the version that is changed."
_IF_NONE_MATCH = "An ETag; the answer is 304 if the record still has it."
_IDEMPOTENCY_KEY = "Equal requests with one key have one effect and one answer for 24 hours."
_CONFLICT = "The state of things does not allow it."
_STALE = "If-Match names another version than the current one."
_NOT_NAMED = "If-Match is missing."


def _header(name: str, description: str, *, required: bool = False) -> OpenApiParameter:
    return OpenApiParameter(name, str, OpenApiParameter.HEADER, required=required, description=description)


def _refusals(descriptions: dict[int, str]) -> dict[tuple[int, str], OpenApiResponse]:
    return {
        (status, PROBLEM_TYPE): OpenApiResponse(PROBLEM, description=description)
        for status, description in descriptions.items()
    }


def _patch_of(schema: Any) -> Any:
    """The same with nothing required, at no level: a merge patch names what changes."""
    if isinstance(schema, list):
        return [_patch_of(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: _patch_of(inner)
        for name, inner in schema.items()
        if not (name == "required" and isinstance(inner, list)) and name != "default"
    }


@dataclass(frozen=True)
class Documented:
    """One kind of record: `many` as in the path, `one` with its article, its structs and examples.

    `shows` are members that are answered beside those of the structs, `creates` says what else is made.

    Each property is what `extend_schema` takes: `@extend_schema(**DOCUMENTED.listing)`.
    """

    many: str
    one: str
    query: Any
    new: Any
    patch: Any
    example: Json
    change_example: Json
    shows: Json = field(default_factory=dict)
    creates: str = ""

    @property
    def listing(self) -> Operation:
        page = {
            "type": "object",
            "required": ["data", "next_cursor", "has_more"],
            "properties": {
                "data": {"type": "array", "items": self._shape},
                "next_cursor": {"type": ["string", "null"]},
                "has_more": {"type": "boolean"},
                "total": {"type": "integer", "description": "With include=total only."},
            },
        }
        return {
            **self._named("list", f"List {self.many.replace('-', ' ')}"),
            "parameters": parameters_of(self.query),
            "responses": {200: OpenApiResponse(page, description="One page.")},
        }

    @property
    def creation(self) -> Operation:
        return {
            **self._named("create", f"Create {self.one}"),
            **({"description": self.creates} if self.creates else {}),
            "parameters": [_header("Idempotency-Key", _IDEMPOTENCY_KEY)],
            "request": {"application/json": schema_of(self.new)},
            "examples": [OpenApiExample("body", value=self.example, request_only=True)],
            "responses": {201: self._answer},
        }

    @property
    def reading(self) -> Operation:
        unchanged = OpenApiResponse(description="If-None-Match names this version.")
        return {
            **self._named("retrieve", f"Read {self.one}, active or not"),
            "parameters": [_header("If-None-Match", _IF_NONE_MATCH)],
            "responses": {200: self._answer, 304: unchanged},
        }

    @property
    def change(self) -> Operation:
        schema = _patch_of(schema_of(self.patch))
        media_types = ("application/merge-patch+json", "application/json")
        return {
            **self._named("update", f"Change {self.one} (JSON merge patch, RFC 7396)"),
            "parameters": [_header("If-Match", _IF_MATCH, required=True)],
            "request": dict.fromkeys(media_types, schema),
            "examples": [OpenApiExample("body", value=self.change_example, request_only=True)],
            "responses": {200: self._answer, **_refusals({412: _STALE, 428: _NOT_NAMED})},
        }

    @property
    def deactivation(self) -> Operation:
        return {
            **self._named("deactivate", f"Deactivate {self.one}; what refers to it stays readable"),
            "parameters": [_header("If-Match", _IF_MATCH)],
            "responses": {204: None, **_refusals({409: _CONFLICT, 412: _STALE})},
        }

    @property
    def reactivation(self) -> Operation:
        return {
            **self._named("reactivate", f"Take {self.one} into use again"),
            "parameters": [_header("Idempotency-Key", _IDEMPOTENCY_KEY)],
            "request": None,
            "responses": {200: self._answer},
        }

    @property
    def _shape(self) -> Json:
        """All members are always there but those that are hidden from the caller; more may come."""
        properties = {
            "id": {"type": "string"},
            **schema_of(self.new)["properties"],
            **self.shows,
            "is_active": {"type": "boolean"},
            "created_at": {"type": "string", "format": "date-time"},
            "updated_at": {"type": "string", "format": "date-time"},
            "version": {"type": "integer", "minimum": 1},
        }
        return {
            "type": "object",
            "properties": properties,
            "required": [name for name in properties if name not in GUARDED],
        }

    @property
    def _answer(self) -> OpenApiResponse:
        return OpenApiResponse(self._shape, description="The record. Its ETag names the version.")

    def _named(self, operation: str, summary: str) -> Operation:
        return {"operation_id": f"{self.many.replace('-', '_')}_{operation}", "summary": summary}
