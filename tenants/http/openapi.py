"""OpenAPI: what the schema must say that drf-spectacular cannot see.

Structs parsed by msgspec, the envelope of v1, and the errors every operation can answer.
"""

import inspect
from collections.abc import Mapping
from typing import Any

import msgspec
from drf_spectacular.extensions import OpenApiSerializerExtension, OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import Direction, OpenApiParameter

from tenants.http.permissions import capability_of
from tenants.http.problems import PROBLEM_TYPE
from tenants.http.values import schema_of_value
from tenants.http.versions import V1View, V2View

_FAULT = {
    "type": "object",
    "required": ["pointer", "code", "detail"],
    "properties": {
        "pointer": {"type": "string", "description": "JSON Pointer (RFC 6901); `?name` is a parameter."},
        "code": {"type": "string"},
        "detail": {"type": "string"},
    },
}
PROBLEM = {
    "type": "object",
    "description": "Problem details (RFC 9457).",
    "required": ["type", "title", "status", "detail", "code", "instance"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "For programs; does not change."},
        "instance": {"type": "string", "format": "uri-reference"},
        "errors": {"type": "array", "items": _FAULT},
    },
}
ENVELOPE = {
    "type": "object",
    "required": ["success", "error", "message", "timestamp", "fields"],
    "properties": {
        "success": {"type": "boolean", "const": False},
        "error": {"type": "string", "description": "For programs; does not change."},
        "message": {"type": "string"},
        "timestamp": {"type": "string", "format": "date-time"},
        "fields": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
}
_EVERYWHERE = {
    "400": "Malformed input; every fault is listed.",
    "401": "Not logged in, or the token is no longer valid.",
    "403": "The role lacks the permission.",
    "404": "Nothing here under this name.",
    "405": "The path does not take this method.",
    "406": "JSON was not among what the caller accepts.",
    "429": "Too many requests; see Retry-After.",
    "503": "A service this one needs is down; see Retry-After.",
}
_WITH_EFFECT = {"409": "The state of things does not allow it."}
_WITH_BODY = {
    "413": "The body is too large.",
    "415": "Not plain JSON in UTF-8.",
    "422": "Understood and refused.",
}
_IF_CURRENT = {"412": "The resource has another version by now."}
_ONLY_IF_CURRENT = {**_IF_CURRENT, "428": "If-Match is missing."}


def schema_of(struct: Any) -> dict[str, Any]:
    """The JSON schema of a `Body` struct with everything it refers to written out in place."""
    (root,), definitions = msgspec.json.schema_components(
        [struct], ref_template="{name}", schema_hook=schema_of_value
    )
    resolved: dict[str, Any] = _inlined(root, definitions)
    return resolved


def body_of(struct: Any) -> dict[str, Any]:
    """For `@extend_schema(request=body_of(InvoiceIn))`."""
    return {"application/json": schema_of(struct)}


def parameters_of(struct: Any) -> list[OpenApiParameter]:
    """For `@extend_schema(parameters=parameters_of(InvoiceQuery))`."""
    properties = schema_of(struct)["properties"]
    return [
        OpenApiParameter(
            name=name,
            type={k: v for k, v in schema.items() if v is not None},
            required=False,
            # `?name[key]=value`, a parameter for each key.
            style="deepObject" if _is_object(schema) else None,
            explode=True if _is_object(schema) else None,
        )
        for name, schema in properties.items()
    ]


def _is_object(schema: Mapping[str, Any]) -> bool:
    return any(option.get("type") == "object" for option in (schema, *schema.get("anyOf", ())))


def _inlined(node: Any, definitions: Mapping[str, Any]) -> Any:
    if isinstance(node, list):
        return [_inlined(inner, definitions) for inner in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _inlined(definitions[node["$ref"]], definitions)
    # Titles are class names, which are nobody's business.
    return {
        name: _portable(inner)
        if isinstance(inner, str) and name == "pattern"
        else _inlined(inner, definitions)
        for name, inner in node.items()
        if name != "title"
    }


def _portable(pattern: str) -> str:
    """The patterns of JSON Schema are ECMA 262's, which knows no anchors of Python's own."""
    return pattern.replace(r"\A", "^").replace(r"\Z", "$")


class Schema(AutoSchema):
    """Adds the answers every operation can give, and the envelope to those of v1.

    A view says what it demands with the attribute `capability`; it is shown as `x-permission`. One with
    `depends_on_state` can answer 409 to reading, too.
    """

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        # A view without words of its own must not be described by its base class.
        if operation.get("description") in {inspect.getdoc(base) for base in (V1View, V2View)}:
            del operation["description"]
        version = getattr(self.view, "version", "v2")
        responses: dict[str, Any] = operation.setdefault("responses", {})
        if version == "v1":
            operation["deprecated"] = True
            for status, response in responses.items():
                if status.startswith("2"):
                    _wrap(response)
        for status, description in self._refused_with(operation).items():
            responses.setdefault(status, self._refusal(version, description))
        capability = capability_of(self.view, self.method)
        if capability:
            operation["x-permission"] = capability
        return operation

    def _refused_with(self, operation: dict[str, Any]) -> dict[str, str]:
        """Statuses of refusals with what they mean, as far as the operation can answer them."""
        expected = dict(_EVERYWHERE)
        if self.method != "GET" or getattr(self.view, "depends_on_state", False):
            expected |= _WITH_EFFECT
        named = {each["name"]: each.get("required", False) for each in operation.get("parameters", ())}
        # A repeated request is compared with the first one, body or not.
        if "requestBody" in operation or "Idempotency-Key" in named:
            expected |= _WITH_BODY
        if "If-Match" in named:
            expected |= _ONLY_IF_CURRENT if named["If-Match"] else _IF_CURRENT
        return expected

    def _refusal(self, version: str, description: str) -> dict[str, Any]:
        name, schema, media_type = (
            ("Refusal", ENVELOPE, "application/json")
            if version == "v1"
            else ("Problem", PROBLEM, PROBLEM_TYPE)
        )
        component = ResolvedComponent(
            name=name, type=ResolvedComponent.SCHEMA, schema=dict(schema), object=name
        )
        self.registry.register_on_missing(component)
        return {"description": description, "content": {media_type: {"schema": component.ref}}}


def _wrap(response: dict[str, Any]) -> None:
    for media_type, content in response.get("content", {}).items():
        if media_type == "application/json":
            content["schema"] = {
                "type": "object",
                "required": ["success", "data"],
                "properties": {
                    "success": {"type": "boolean", "const": True},
                    "data": content.get("schema", {}),
                },
            }


class StrictSerializerSchema(OpenApiSerializerExtension):
    """Strict serializers refuse unknown fields, and the schema says so."""

    target_class = "tenants.http.serializers.StrictSerializer"
    match_subclasses = True

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {**schema, "additionalProperties": False}


class DecimalTextSchema(OpenApiSerializerFieldExtension):
    """Strings on the way out, strings or integers on the way in."""

    target_class = "tenants.http.serializers.DecimalText"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        del auto_schema
        schema: dict[str, Any] = self.target.kind.schema()
        return schema if direction == "request" else {**schema, "type": "string"}


class StrictDateSchema(OpenApiSerializerFieldExtension):
    target_class = "tenants.http.serializers.StrictDateField"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        del auto_schema, direction
        return {"type": "string", "format": "date"}


class PublicIdSchema(OpenApiSerializerFieldExtension):
    target_class = "tenants.http.serializers.PublicIdField"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        del auto_schema, direction
        prefix = self.target.prefix
        return {"type": "string", "pattern": f"^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$"}
