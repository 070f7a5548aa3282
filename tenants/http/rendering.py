"""Values to JSON bytes. Decimals leave as strings, times in UTC with a Z."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson
from django.http import HttpResponse
from django.utils.functional import Promise
from rest_framework.renderers import BaseRenderer

_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


def _other(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form here")


def to_json(value: Any) -> bytes:
    """The compact JSON of `value`; a Decimal becomes a string in plain notation, never a number.

    Raises TypeError for what has no JSON form, floats that are not finite become null.
    """
    return orjson.dumps(value, default=_other, option=_OPTIONS)


class JSONRenderer(BaseRenderer):
    """REST framework's way out: application/json by orjson."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        del accepted_media_type
        return b"" if data is None and _is_bodiless(renderer_context) else to_json(data)


def _is_bodiless(context: Mapping[str, Any] | None) -> bool:
    response = (context or {}).get("response")
    return response is not None and response.status_code in (204, 205, 304)


class JSONBytes(HttpResponse):
    """An answer whose JSON is written already, by json_agg or a cache; v1 views wrap it as they do others."""

    def __init__(self, content: bytes, *, status: int = 200, headers: dict[str, str] | None = None) -> None:
        super().__init__(content, status=status, content_type="application/json", headers=headers)
