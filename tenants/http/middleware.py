"""The first and the last of a request: its id, where it came from, and the scope it runs in."""

import logging
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from contextvars import copy_context
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase, StreamingHttpResponse

from tenants import ids, scope
from tenants.actors import Actor

logger = logging.getLogger(__name__)

_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", re.ASCII)
_ANONYMOUS: Final = Actor.system("anonymous")
# Ways in which callers try to name a tenant; the token alone decides.
_TENANT_HEADERS: Final = tuple(
    f"HTTP_{prefix}{name}"
    for prefix in ("", "X_")
    for name in (
        "TENANT",
        "TENANT_ID",
        "TENANTID",
        "TENANT_SLUG",
        "TENANT_NAME",
        "ORG_ID",
        "ORGANIZATION_ID",
        "ORGANISATION_ID",
        "COMPANY_ID",
        "ACCOUNT_ID",
    )
)


class RequestContextMiddleware:
    """Runs a request inside a scope, the installation's until authentication knows the tenant.

    Synchronous on purpose: under ASGI Django runs it, the view and thereby the database connections
    of a request on one thread, and only there can the connection's settings be cleared again.
    """

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        meta = request.META
        request_id = request_id_of(meta)
        address = client_address(meta, settings.TRUSTED_PROXIES)
        _report_tenant_headers(meta, request_id)
        with scope.enter(scope.Scope(None, _ANONYMOUS, request_id, address)):
            response = self.get_response(request)
            if response.streaming and isinstance(response, StreamingHttpResponse):
                _keep_scope(response, scope.current())
        response.headers["X-Request-ID"] = request_id
        return response


def request_id_of(meta: Mapping[str, Any]) -> str:
    """The caller's X-Request-ID if it is 1 to 64 plain characters, else a new one."""
    given = meta.get("HTTP_X_REQUEST_ID", "")
    return given if _REQUEST_ID.fullmatch(given) else ids.encode("req", ids.uuid7())


def client_address(meta: Mapping[str, Any], proxies: Sequence[IPv4Network | IPv6Network]) -> str:
    """Where a request comes from, or "" where the server does not know (a Unix socket).

    X-Forwarded-For is believed from right to left as long as the hop that wrote it is one of
    `proxies`; what stands further left anybody may have written.
    """
    address = _normalised(meta.get("REMOTE_ADDR", ""))
    if not proxies or not address:
        return address
    hops = [hop.strip() for hop in meta.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    while hops and any(ip_address(address) in network for network in proxies):
        previous = _normalised(hops.pop())
        if not previous:
            break
        address = previous
    return address


def _normalised(text: str) -> str:
    try:
        parsed = ip_address(text)
    except ValueError:
        return ""
    mapped = getattr(parsed, "ipv4_mapped", None)
    return str(mapped or parsed)


def _report_tenant_headers(meta: Mapping[str, Any], request_id: str) -> None:
    for name in _TENANT_HEADERS:
        if name in meta:
            # Escaped, so that a line feed in the value cannot forge a line of the log.
            value = str(meta[name])[:100].encode("unicode_escape").decode("ascii")
            logger.warning("ignored header %s: %s (request %s)", name, value, request_id)


def _keep_scope(response: StreamingHttpResponse, unit: scope.Scope) -> None:
    """What is streamed is made after the middleware has returned: it takes the scope along."""
    content: Any = response.streaming_content
    if response.is_async:
        response.streaming_content = _stream_async(aiter(content), unit)
    else:
        response.streaming_content = _stream(iter(content), unit)


def _stream(content: Iterator[bytes], unit: scope.Scope) -> Iterator[bytes]:
    # In a context of its own: between two pieces the caller is not in our scope.
    context = copy_context()
    stack = ExitStack()
    context.run(stack.enter_context, scope.enter(unit))
    ended = object()
    try:
        while (piece := context.run(next, content, ended)) is not ended:
            yield piece  # type: ignore[misc]
    finally:
        context.run(stack.close)


async def _stream_async(content: AsyncIterator[bytes], unit: scope.Scope) -> AsyncIterator[bytes]:
    while True:
        with scope.enter(unit):
            try:
                piece = await anext(content)
            except StopAsyncIteration:
                return
        yield piece
