"""The bytes of a request: what they may be, how many, and out of which wrapping."""

import zlib
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest

from tenants.errors import DomainError, FieldError, InvalidInput, Kind

JSON_TYPES: Final = frozenset({"application/json", "application/merge-patch+json"})
_GZIP_ONLY: Final = zlib.MAX_WBITS | 16


class UnsupportedBody(DomainError):
    """The body is not JSON in UTF-8 (application/json, plain or with the content encoding gzip)."""

    kind, code = Kind.UNSUPPORTED, "unsupported-media-type"


class BodyTooLarge(DomainError):
    """The body is larger than this service reads."""

    kind, code = Kind.TOO_LARGE, "body-too-large"


def ensure_json(content_type: str, content_encoding: str = "") -> None:
    """Raises UnsupportedBody unless the headers announce JSON in UTF-8, plain or zipped by gzip."""
    if content_type != "application/json":
        media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
        if media_type not in JSON_TYPES or any(
            parameter.replace('"', "").replace(" ", "") != "charset=utf-8"
            for parameter in parameters
            if parameter
        ):
            raise UnsupportedBody
    if content_encoding and content_encoding.strip().lower() not in ("identity", "gzip"):
        raise UnsupportedBody


def read_body(request: HttpRequest, *, limit: int | None = None) -> bytes:
    """The body, unzipped, at most `limit` bytes (settings.MAX_BODY_BYTES) before and after.

    What was sent stays readable as `request.body`, which signatures need. Raises BodyTooLarge, and
    InvalidInput for what is not the gzip it says it is.
    """
    most = settings.MAX_BODY_BYTES if limit is None else limit
    plain: Any = getattr(request, "_request", request)
    announced = plain.META.get("CONTENT_LENGTH") or ""
    if announced.isdecimal() and int(announced[:20]) > most:
        raise BodyTooLarge
    if not announced and not hasattr(plain, "_body"):
        # Without a length Django would read to the end, however far away that is.
        plain._body = plain.read(most + 1)
    try:
        body: bytes = plain.body
    except RequestDataTooBig:
        raise BodyTooLarge from None
    if len(body) > most:
        raise BodyTooLarge
    if plain.META.get("HTTP_CONTENT_ENCODING", "").strip().lower() == "gzip":
        return _unzipped(body, most)
    return body


def _unzipped(body: bytes, most: int) -> bytes:
    """One gzip member (RFC 1952); no more than `most` bytes are ever made of it."""
    reader = zlib.decompressobj(_GZIP_ONLY)
    try:
        text = reader.decompress(body, most + 1)
    except zlib.error:
        text = None
    if text is not None and len(text) > most:
        raise BodyTooLarge
    if text is None or not reader.eof or reader.unused_data:
        raise InvalidInput([FieldError("", "invalid-gzip", "The body is not one whole gzip member.")])
    return text
