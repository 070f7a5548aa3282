"""From a request to typed input, naming every fault at once.

Hot views call `parse_request(request, InvoiceIn)`: one pass of a strict reader, one of msgspec into
a `Body` struct. Other views are plain REST framework with `StrictJSONParser`. Only when something is
wrong is the value compared with its type once more, member by member, to list all faults.
"""

import re
from collections.abc import Hashable, Mapping
from datetime import date, datetime, time
from enum import Enum
from functools import lru_cache
from types import NoneType, UnionType
from typing import IO, Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin
from uuid import UUID

import msgspec
from django.http import HttpRequest
from rest_framework.parsers import BaseParser

from tenants.errors import FieldError, InvalidInput
from tenants.http.bodies import ensure_json, read_body
from tenants.http.strictjson import MAX_ERRORS, child, decode
from tenants.http.values import BadValue, Body, PlainDecimal, decode_value

T = TypeVar("T")

_FINITE = (str, int, bool, PlainDecimal, date, datetime, time, UUID, Enum)
_PATH_STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]")


def parse_json(body: bytes, content_type: str = "application/json") -> Any:
    """The JSON value of a body, strictly read. Raises UnsupportedBody, InvalidInput."""
    ensure_json(content_type)
    return decode(body)


def parse_body(body: bytes, into: type[T], content_type: str = "application/json") -> T:
    """The body as `into` (a `Body` struct, or a list of them). Raises UnsupportedBody, InvalidInput."""
    ensure_json(content_type)
    return convert(decode(body, bounded=_is_bounded(cast(Hashable, into))), into)


def parse_request(request: HttpRequest, into: type[T], *, limit: int | None = None) -> T:
    """Check the headers, read, parse: what a view calls. Raises as read_body and parse_body do."""
    meta = request.META
    ensure_json(meta.get("CONTENT_TYPE", ""), meta.get("HTTP_CONTENT_ENCODING", ""))
    return convert(decode(read_body(request, limit=limit), bounded=_is_bounded(cast(Hashable, into))), into)


class _NoMembers(Body):
    """What an action without input takes."""


def ensure_no_members(request: HttpRequest) -> None:
    """For actions without input: the body is empty or `{}`. Raises as parse_request does."""
    if read_body(request):
        parse_request(request, _NoMembers)


def convert(value: Any, into: type[T], *, strict: bool = True) -> T:
    """`value` as `into`. Raises InvalidInput with every fault. Not `strict`: numbers come as text."""
    try:
        return msgspec.convert(value, into, strict=strict, dec_hook=decode_value)
    except msgspec.ValidationError as error:
        found: list[FieldError] = []
        _compare(into, value, "", strict, found)
        raise InvalidInput((found or [_fault(error, "", ())])[:MAX_ERRORS]) from None


def _compare(annotation: Any, value: Any, pointer: str, strict: bool, found: list[FieldError]) -> None:
    """Append to `found` whatever keeps `value` from being of this type."""
    if len(found) >= MAX_ERRORS:
        # Nobody reads on, and a large body full of faults must not cost seconds.
        return
    kind, rules = _unwrap(annotation)
    if get_origin(kind) in (Union, UnionType):
        options = get_args(kind)
        if value is None and NoneType in options:
            return
        real = [option for option in options if option not in (NoneType, msgspec.UnsetType)]
        if len(real) == 1:
            _compare(real[0], value, pointer, strict, found)
            return
    elif _is_struct(kind):
        _compare_members(kind, value, pointer, strict, found)
        return
    elif isinstance(value, list | dict) and get_origin(kind) is type(value):
        _compare_items(kind, value, pointer, strict, found)
        # The items are judged; what is left is how many there may be.
        bare = list[Any] if isinstance(value, list) else dict[str, Any]
        annotation = Annotated[(bare, *rules)] if rules else bare
    try:
        msgspec.convert(value, annotation, strict=strict, dec_hook=decode_value)
    except msgspec.ValidationError as error:
        found.append(_fault(error, pointer, rules))


def _compare_items(
    kind: Any, value: list[Any] | dict[str, Any], pointer: str, strict: bool, found: list[FieldError]
) -> None:
    if isinstance(value, list):
        (item,) = get_args(kind)
        for index, inner in enumerate(value):
            _compare(item, inner, child(pointer, index), strict, found)
        return
    key, item = get_args(kind)
    for name, inner in value.items():
        _compare(key, name, child(pointer, name), strict, found)
        _compare(item, inner, child(pointer, name), strict, found)


def _compare_members(kind: Any, value: Any, pointer: str, strict: bool, found: list[FieldError]) -> None:
    if not isinstance(value, dict):
        found.append(FieldError(pointer, "wrong-type", "Expected an object."))
        return
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for name, field in fields.items():
        if name in value:
            _compare(field.type, value[name], child(pointer, name), strict, found)
        elif field.required:
            found.append(FieldError(child(pointer, name), "missing", "This field is required."))
    known = fields.keys() | {kind.__struct_config__.tag_field}
    if kind.__struct_config__.forbid_unknown_fields:
        found += [
            FieldError(
                child(pointer, name), "unknown-field", "There is no such field, or it is not yours to set."
            )
            for name in value
            if name not in known
        ]


def _fault(error: msgspec.ValidationError, pointer: str, rules: tuple[Any, ...]) -> FieldError:
    if isinstance(error.__cause__, BadValue):
        return FieldError(pointer, error.__cause__.code, str(error.__cause__))
    message, _, path = str(error).partition(" - at `$")
    for name, index in _PATH_STEP.findall(path.removesuffix("`")):
        pointer = child(pointer, name or index)
    message = message.replace("`", "")
    if message.startswith("Expected ") and ", got " in message:
        return FieldError(pointer, "wrong-type", message + ".")
    for rule in rules:
        if isinstance(rule, msgspec.Meta) and rule.extra:
            return FieldError(pointer, rule.extra["code"], rule.extra["detail"])
    return FieldError(pointer, "invalid", message + ".")


def _unwrap(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    if get_origin(annotation) is Annotated:
        kind, *rules = get_args(annotation)
        return kind, tuple(rules)
    return annotation, ()


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


@lru_cache(maxsize=256)
def _is_bounded(annotation: Any) -> bool:
    """Whether the type itself limits how deep a value can be: no free-form member anywhere."""
    kind, _ = _unwrap(annotation)
    origin = get_origin(kind)
    if origin in (Union, UnionType, list, dict):
        return all(_is_bounded(option) for option in get_args(kind))
    if origin is Literal or kind in (NoneType, msgspec.UnsetType):
        return True
    if _is_struct(kind):
        return all(_is_bounded(field.type) for field in msgspec.structs.fields(kind))
    return isinstance(kind, type) and issubclass(kind, _FINITE)


class StrictJSONParser(BaseParser):
    """REST framework's door to the strict reader: gives dicts and lists for its serializers."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Raises UnsupportedBody, BodyTooLarge, InvalidInput."""
        # Read from the request instead, which keeps the bytes for idempotency and signatures.
        del stream
        request = cast(HttpRequest, (parser_context or {})["request"])
        ensure_json(media_type or self.media_type, request.META.get("HTTP_CONTENT_ENCODING", ""))
        return decode(read_body(request))


class MergePatchParser(StrictJSONParser):
    """The same for PATCH bodies that call themselves by RFC 7396's name."""

    media_type = "application/merge-patch+json"
