"""Requests that must be refused, and what a refusal looks like in either version."""

import json
from typing import Any

from django.http import HttpResponse

from tenants.models import Tenant
from tests.factories import scope_of
from tests.invoicing.api.client import Invoices, Json, a_line, everything

# No JSON value: written into the body as it stands.
RAW = "as it stands"
JSON = "application/json"


def send(
    api: Invoices, body: bytes, content_type: str = JSON, path: str = "", **headers: Any
) -> HttpResponse:
    """A POST of bytes as they are."""
    # The stubs know text only; the client takes bytes as they are.
    answer: HttpResponse = api.client.generic(
        "POST",
        api.url(path),
        body,  # type: ignore[arg-type]
        content_type,
        **headers,
    )
    return answer


def assert_refused(
    api: Invoices, answer: HttpResponse, status: int, pointers: list[str] | None = None
) -> None:
    """The answer has this status, the shape of its version, and these places."""
    assert answer.status_code == status, answer.content[:500]
    body: Json = json.loads(answer.content)
    if api.version == "v2":
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert body["status"] == status
        assert {"type", "title", "status", "detail", "code", "instance"} <= set(body)
        assert all(set(fault) == {"pointer", "code", "detail"} for fault in body.get("errors", ()))
    else:
        assert answer.headers["Content-Type"] == JSON
        assert {"success", "error", "message", "timestamp", "fields"} <= set(body)
        assert body["success"] is False
    assert answer.headers["X-Request-ID"]
    if pointers is not None:
        assert api.pointers(answer) == pointers


def body_with(api: Invoices, place: str, value: str) -> bytes:
    """A body with this JSON text at a place such as `/lines/0/quantity`."""
    body: Any = api.body(
        lines=[a_line(allowances=[{"amount": "1"}])],
        allowances=[{"amount": "1", "tax": {"category": "S", "rate": "19"}}],
    )
    *path, last = place.strip("/").split("/")
    target = body
    for step in path:
        target = target[int(step)] if step.isdecimal() else target[step]
    target[last] = RAW
    return json.dumps(body).replace(f'"{RAW}"', value).encode("utf-8", "surrogatepass")


def refused(api: Invoices, acme: Tenant, body: bytes) -> HttpResponse:
    """The body is refused by `POST invoices` with 400 and nothing is written."""
    with scope_of(acme):
        before = everything()
        answer = send(api, body)
        assert_refused(api, answer, 400)
        assert everything() == before
    return answer
