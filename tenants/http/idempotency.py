"""`Idempotency-Key` on POST: the decorator that gives a repeated request its first answer (invariant 7).

    class Invoices(V2View):
        @idempotent
        def post(self, request: Request) -> HttpResponseBase: ...

Every POST bears it, except `auth/*` and what shows a secret once: those say why in `idempotency_exempt`.
Without the header it costs nothing: no statement, no transaction.
"""

import re
from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tenants.errors import DomainError, Kind
from tenants.http.bodies import read_body
from tenants.http.rendering import JSONBytes, to_json
from tenants.services import idempotency
from tenants.services.idempotency import Answer

HEADER = "Idempotency-Key"
JSON = "application/json"
REPLAYED = "Idempotency-Replayed"
KEPT_HEADERS = ("Content-Type", "Content-Disposition", "ETag", "Location")
_KEY = re.compile(r"[\x20-\x7e]{1,255}", re.ASCII)


class MalformedKey(DomainError):
    """An Idempotency-Key is 1 to 255 printable ASCII characters."""

    kind, code = Kind.INVALID, "malformed-idempotency-key"


def idempotent(handler: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Give equal requests of one actor with one key one effect and one answer, for 24 hours.

    The effect, the key and the answer commit together. Equal means: the same path (with or without its
    trailing slash), query and body bytes; with another query or body the answer is 422, while the first
    is under way 409 with Retry-After. Refusals are not kept. A view with uploads says in `body_limit`
    how many bytes it reads. Raises MalformedKey, BodyTooLarge, KeyInFlight, KeyReused.
    """

    @wraps(handler)
    def post(view: APIView, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        key = request.headers.get(HEADER)
        if key is None:
            return handler(view, request, *args, **kwargs)
        if not _KEY.fullmatch(key):
            raise MalformedKey(pointer=f"header:{HEADER}")
        body = read_body(request, limit=getattr(view, "body_limit", None))
        query = request.META.get("QUERY_STRING", "").encode("latin-1")
        answer = idempotency.once(
            method=request.method or "",
            route=_route(request.path_info),
            key=key,
            fingerprint=sha256(query + b"\0" + body).digest(),
            perform=lambda: _answer(handler(view, request, *args, **kwargs)),
        )
        return _response(answer)

    post.__dict__["is_idempotent"] = True
    return post


def _route(path: str) -> str:
    plain = path.rstrip("/")
    # A path that is longer than its column keeps its identity.
    return plain if len(plain) <= 200 else f"sha256:{sha256(plain.encode()).hexdigest()}"


def _answer(response: HttpResponseBase) -> Answer:
    """The parts to keep. Data is rendered here, so that v1 wraps a first and a later answer alike."""
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    if isinstance(response, Response):
        body = b"" if response.data is None else to_json(response.data)
        return Answer(response.status_code, body, {**headers, "Content-Type": JSON})
    if not isinstance(response, HttpResponse):
        raise TypeError("a streamed answer cannot be kept: this view must not be idempotent")
    return Answer(response.status_code, response.content, headers)


def _response(answer: Answer) -> HttpResponse:
    headers = dict(answer.headers)
    media_type = headers.pop("Content-Type", "")
    response: HttpResponse
    if media_type == JSON:
        response = JSONBytes(answer.body, status=answer.status, headers=headers)
    else:
        response = HttpResponse(
            answer.body, status=answer.status, headers=headers, content_type=media_type or None
        )
    if answer.is_replayed:
        response.headers[REPLAYED] = "true"
    return response
