"""The only HTTP client of this service.

Every call has a deadline for all of it (resolving, connecting, redirects, retries, a body that
drips), a limit for the answer, a guard on where it may go (`tenants.addresses`), and a breaker per
host. An answer of any status is an answer; only its absence is an error. Never called inside a
database transaction.
"""

import atexit
import ssl
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx2
import pybreaker
import tenacity

from tenants import transport
from tenants.addresses import AddressRefused, Network
from tenants.errors import DomainError, Kind

MAX_BYTES = 1024 * 1024
DEADLINE = 10.0
CONNECT_TIMEOUT = 5.0
BREAKER_FAILURES = 5
BREAKER_SECONDS = 30
_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
_TRANSIENT = frozenset({429, 502, 503, 504})


class OutboundFailed(DomainError):
    """The other side does not answer."""

    kind, code = Kind.UNAVAILABLE, "outbound-unavailable"


class OutboundTimeout(OutboundFailed):
    """The other side did not answer in time; whether it acted is not known."""

    code = "outbound-timeout"


class BreakerOpen(OutboundFailed):
    """The other side has failed repeatedly; it is left alone for a moment."""

    code = "outbound-breaker-open"


class CertificateRefused(OutboundFailed):
    """The other side's certificate is not trusted here; others may trust it."""

    code = "outbound-certificate-refused"


class AnswerRefused(OutboundFailed):
    """The other side's answer is too large, compressed against our wish, or redirects without end."""

    code = "outbound-answer-refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Header names are in lower case; `url` is where it came from after redirects."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    url: str

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


def call(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
    deadline: float = DEADLINE,
    max_bytes: int = MAX_BYTES,
    redirects: int = 0,
    attempts: int = 3,
    idempotent: bool | None = None,
    tls: ssl.SSLContext | None = None,
    networks: Collection[Network] = (),
) -> Answer:
    """Send one request and read the answer, in `deadline` seconds altogether.

    Retried (up to `attempts`, with jitter, inside the deadline) only if repeating does no harm: by
    method, or because the caller says `idempotent` as it sends an idempotency key. `redirects` are
    followed up to that number, each judged like the first address and never from https to http.
    `tls` brings an own trust store; `networks` are open to this call beside those of the world.

    Raises AddressRefused, HostUnknown, OutboundTimeout, BreakerOpen, CertificateRefused, AnswerRefused,
    OutboundFailed.
    """
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL:
        raise AddressRefused from None
    if parsed.scheme not in ("http", "https") or not parsed.host or parsed.userinfo:
        raise AddressRefused
    sent = {"User-Agent": "quittance", **(headers or {}), "Accept-Encoding": "identity"}
    repeatable = method.upper() in _IDEMPOTENT if idempotent is None else idempotent
    breaker = _breaker(parsed.host, parsed.port or 0)
    with _client(tls, networks) as client, transport.deadline(deadline):
        request = client.build_request(method.upper(), parsed, headers=sent, content=content)

        def attempt() -> Answer:
            return _through(breaker, lambda: _exchange(client, request, redirects, max_bytes))

        return _retrying(attempts if repeatable else 1, deadline)(attempt)


def _retrying(attempts: int, deadline: float) -> tenacity.Retrying:
    return tenacity.Retrying(
        stop=tenacity.stop_any(tenacity.stop_after_attempt(attempts), tenacity.stop_before_delay(deadline)),
        wait=tenacity.wait_random_exponential(multiplier=0.1, max=2),
        retry=tenacity.retry_any(
            tenacity.retry_if_exception(_passes_by),
            tenacity.retry_if_result(lambda answer: answer.status in _TRANSIENT),
        ),
        # The last attempt's own answer or error, not a wrapper.
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
    )


def _passes_by(error: BaseException) -> bool:
    return isinstance(error, OutboundFailed) and not isinstance(
        error, BreakerOpen | CertificateRefused | AnswerRefused
    )


def _exchange(client: httpx2.Client, request: httpx2.Request, redirects: int, max_bytes: int) -> Answer:
    try:
        for _ in range(redirects + 1):
            response = client.send(request, stream=True, follow_redirects=False)
            try:
                if not redirects or response.next_request is None:
                    return _read(response, max_bytes)
                if request.url.scheme == "https" and response.next_request.url.scheme != "https":
                    raise AnswerRefused
                request = response.next_request
            finally:
                response.close()
        raise AnswerRefused
    except httpx2.TimeoutException:
        raise OutboundTimeout from None
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
        if _is_about_certificates(error):
            raise CertificateRefused from None
        raise OutboundFailed from None


def _is_about_certificates(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _read(response: httpx2.Response, max_bytes: int) -> Answer:
    if response.headers.get("content-encoding", "identity") != "identity":
        raise AnswerRefused
    content = bytearray()
    for chunk in response.iter_raw():
        content += chunk
        if len(content) > max_bytes:
            raise AnswerRefused
    return Answer(response.status_code, dict(response.headers), bytes(content), str(response.url))


@lru_cache(maxsize=1024)
def _breaker(host: str, port: int) -> tuple[pybreaker.CircuitBreaker, pybreaker.CircuitMemoryStorage]:
    storage = pybreaker.CircuitMemoryStorage(pybreaker.STATE_CLOSED)
    breaker = pybreaker.CircuitBreaker(
        fail_max=BREAKER_FAILURES,
        reset_timeout=BREAKER_SECONDS,
        state_storage=storage,
        throw_new_error_on_trip=False,
        name=f"{host}:{port}",
    )
    return breaker, storage


def _through(
    guard: tuple[pybreaker.CircuitBreaker, pybreaker.CircuitMemoryStorage], exchange: Callable[[], Answer]
) -> Answer:
    """Run `exchange` and tell the breaker how it went.

    Not inside `breaker.call`, which holds a lock: one slow host would let its callers in one by one.
    """
    breaker, storage = guard
    if breaker.current_state == pybreaker.STATE_OPEN and storage.opened_at is not None:
        waited = time.time() - storage.opened_at.timestamp()
        if waited < BREAKER_SECONDS:
            raise BreakerOpen(retry_after=max(1, round(BREAKER_SECONDS - waited)))
    try:
        answer = exchange()
    except (AnswerRefused, CertificateRefused):
        # The host is there: one caller's trust store must not close it to all.
        raise
    except OutboundFailed as error:
        _record(breaker, error)
        raise
    _record(breaker, None)
    return answer


def _record(breaker: pybreaker.CircuitBreaker, error: OutboundFailed | None) -> None:
    def outcome() -> None:
        if error is not None:
            raise error

    try:
        breaker.call(outcome)
    except (OutboundFailed, pybreaker.CircuitBreakerError):
        # The caller raises the error itself; an open breaker has nothing to learn from a late outcome.
        return


def _new_client(tls: ssl.SSLContext, networks: Collection[Network] = ()) -> httpx2.Client:
    # No proxy and no .netrc of the environment: both would carry requests past the guard.
    return httpx2.Client(
        transport=transport.GuardedTransport(tls, networks),
        trust_env=False,
        timeout=httpx2.Timeout(None, connect=CONNECT_TIMEOUT),
        # One client serves all tenants, so it remembers nothing between calls.
        cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
    )


@lru_cache(maxsize=1)
def _public_trust() -> ssl.SSLContext:
    return httpx2.create_ssl_context(trust_env=False)


@lru_cache(maxsize=1)
def _shared_client() -> httpx2.Client:
    client = _new_client(_public_trust())
    atexit.register(client.close)
    return client


@contextmanager
def _client(tls: ssl.SSLContext | None, networks: Collection[Network]) -> Iterator[httpx2.Client]:
    """The shared client with its pool; one for this call alone where it trusts others or may go further.

    A connection that was kept is not judged again: those of networks that are open to a few are not kept.
    """
    if tls is None and not networks:
        yield _shared_client()
        return
    with _new_client(tls or _public_trust(), networks) as client:
        yield client


def close() -> None:
    """Close the connections that are kept for later calls."""
    if _shared_client.cache_info().currsize:
        client = _shared_client()
        _shared_client.cache_clear()
        atexit.unregister(client.close)
        client.close()
