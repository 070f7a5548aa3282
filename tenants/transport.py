"""Connections that end with the call they serve and lead only to addresses that were judged.

The lower half of `tenants.outbound`, which alone uses it.
"""

import ssl
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpcore2
import httpx2

from tenants import addresses

_SLICE = 64 * 1024
_MAX_ADDRESSES = 4

_ends_at: ContextVar[float] = ContextVar("outbound_ends_at")


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Whatever the connections do inside this block ends `seconds` from now."""
    token = _ends_at.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends_at.reset(token)


def _time_left(limit: float | None) -> float:
    left = _ends_at.get() - time.monotonic()
    return left if limit is None else min(left, limit)


class _BoundedStream(httpcore2.NetworkStream):
    """A connection whose every operation ends with the call it serves: a peer that drips gains nothing."""

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = _time_left(timeout)
        if left <= 0:
            raise httpcore2.ReadTimeout("deadline")
        return self._inner.read(max_bytes, left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _SLICE):
            left = _time_left(timeout)
            if left <= 0:
                raise httpcore2.WriteTimeout("deadline")
            self._inner.write(buffer[start : start + _SLICE], left)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        left = _time_left(timeout)
        if left <= 0:
            raise httpcore2.ConnectTimeout("deadline")
        # The name, not the address we pinned: certificate and SNI stay those of the host.
        return _BoundedStream(self._inner.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _GuardedBackend(httpcore2.NetworkBackend):
    """Connects to addresses that were judged, and to nothing else; `networks` are open beside the world's."""

    def __init__(self, networks: Collection[addresses.Network]) -> None:
        self._inner = httpcore2.SyncBackend()
        self._networks = networks

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        left = _time_left(timeout)
        if left <= 0:
            raise httpcore2.ConnectTimeout("deadline")
        pinned = addresses.resolve(host, port, timeout=left, also=self._networks)[:_MAX_ADDRESSES]
        for position, address in enumerate(pinned, start=1):
            left = _time_left(timeout)
            if left <= 0:
                break
            try:
                return _BoundedStream(
                    self._inner.connect_tcp(address, port, left, local_address, socket_options)
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if position == len(pinned):
                    raise
        raise httpcore2.ConnectTimeout("deadline")

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore2.NetworkStream:
        raise httpcore2.UnsupportedProtocol(f"no local sockets: {path} {timeout} {socket_options}")


class GuardedTransport(httpx2.HTTPTransport):
    """httpx's transport over a pool that knows no other way to connect; no proxies."""

    def __init__(self, tls: ssl.SSLContext, networks: Collection[addresses.Network] = ()) -> None:
        super().__init__(verify=tls, trust_env=False)
        self._pool = httpcore2.ConnectionPool(
            ssl_context=tls,
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=5.0,
            network_backend=_GuardedBackend(networks),
        )
