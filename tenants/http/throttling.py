"""How often somebody may guess: per account, counted in the database, and per address, counted in Redis.

Only refusals count. Counting comes first and is taken back on success, so that guesses made at the
same time do not slip through together. Without Redis addresses are not counted: the lock of the account
and the limit on concurrent hashes (`tenants.hashing`) still stand, and a login that is possible matters
more.
"""

import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django_redis import get_redis_connection
from redis.exceptions import RedisError

from tenants.domain.lockout import network_of
from tenants.errors import DomainError, Kind
from tenants.services.lockout import seconds_locked
from tenants.workflows import guesses
from tenants.workflows.guesses import Account, Attempt
from tenants.workflows.sso import StepsLeft

logger = logging.getLogger(__name__)

_REST_SECONDS = 2.0
# Only a count that is still there: one whose window has ended meanwhile would come back without an end.
_TAKE_BACK = """
local counted = tonumber(redis.call('GET', KEYS[1]))
if counted and counted > 0 then return redis.call('DECR', KEYS[1]) end
return 0
"""


class TooManyAttempts(DomainError):
    """Too many failed attempts; try again later."""

    kind, code = Kind.THROTTLED, "too-many-attempts"


class Answering(Protocol):
    """A view, as far as it matters here: what stands in `headers` goes out with its answer."""

    @property
    def headers(self) -> dict[str, str]: ...


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `quota` refusals in `seconds` for one `subject`; `forgiven` starts anew after a success."""

    name: str
    subject: str
    quota: int
    seconds: int
    forgiven: bool = False

    @property
    def key(self) -> str:
        digest = hashlib.sha256(self.subject.encode()).hexdigest()[:32]
        return f"throttle:{self.name}:{digest}"


@dataclass(frozen=True, slots=True)
class Budget:
    """What is left of a limit, and in how many seconds all of it is back."""

    limit: Limit
    used: int
    resets_in: int

    @property
    def left(self) -> int:
        return max(0, self.limit.quota - self.used)

    @property
    def is_exceeded(self) -> bool:
        return self.used > self.limit.quota


def login_limits(*, tenant: str, username: str, address: str) -> tuple[Account | Limit, ...]:
    """The limits of one login: per account under any spelling (`tenants.domain.lockout`), and per address."""
    return (Account(tenant, username, address), address_limit(address))


def account_limit(subject: str) -> Limit:
    """Refusals of somebody who is logged in, such as a wrong old password."""
    seconds = settings.LOGIN_WINDOW_SECONDS
    return Limit("account", subject, settings.LOGIN_FAILURES_PER_ACCOUNT, seconds, forgiven=True)


def address_limit(address: str) -> Limit:
    """Refusals of one caller. An IPv6 caller has a whole /64 to call from, which counts as one."""
    return Limit(
        "address",
        network_of(address) or "",
        settings.LOGIN_FAILURES_PER_ADDRESS,
        settings.LOGIN_WINDOW_SECONDS,
    )


@contextmanager
def guessing(view: Answering, limits: Sequence[Account | Limit]) -> Iterator[None]:
    """Run an attempt under `limits`; sets the RateLimit headers of the view's answer.

    What fails with 401 or 403 counts, unless it asks for a further proof; anything else does not, unless it
    was a guess all the same (`DomainError.is_guess`). Raises TooManyAttempts.
    """
    counted = [limit for limit in limits if isinstance(limit, Limit)]
    budgets = _counter.spend(counted)
    waits = [budget.resets_in for budget in budgets if budget.is_exceeded]
    # An address that guesses too much does not get to lock accounts as well.
    attempts = [guesses.begin(each) for each in limits if isinstance(each, Account) and not waits]
    view.headers.update(_headers([*map(_budget_of, attempts), *budgets]))
    waits += [seconds_locked(each.standing) for each in attempts if each.standing.is_refused]
    if waits:
        raise TooManyAttempts(retry_after=max(waits))
    try:
        yield
    except DomainError as error:
        is_refusal = error.kind in (Kind.UNAUTHENTICATED, Kind.FORBIDDEN) and not error.is_progress
        if is_refusal or error.is_guess:
            _each(guesses.fail, attempts)
        else:
            _counter.give_back(counted, forgive=False)
            _each(guesses.give_back, attempts)
        raise
    _counter.give_back(counted, forgive=True)
    _each(guesses.succeed, attempts)


def trip_limit(address: str) -> Limit:
    """Trips of one caller to a provider, which are not heard of again or come to nothing."""
    return Limit(
        "sso", network_of(address) or "", settings.SSO_TRIPS_PER_ADDRESS, settings.LOGIN_WINDOW_SECONDS
    )


def count_departure(view: Answering, limit: Limit) -> None:
    """Count a trip that begins: each costs a row, and perhaps a question to the provider.

    Given back by `returning` once it has led to a login. Raises TooManyAttempts.
    """
    _ensure_left(view, _counter.spend([limit]))


@contextmanager
def returning(view: Answering, limit: Limit) -> Iterator[None]:
    """Run a return from a provider under `limit`: one that logs in, or asks for more, counts for nothing.

    Nor does the departure before it. Raises TooManyAttempts.
    """
    _ensure_left(view, _counter.spend([limit]))
    try:
        yield
    except (DomainError, StepsLeft) as error:
        if error.is_progress:
            _counter.give_back([limit, limit], forgive=False)
        raise
    _counter.give_back([limit, limit], forgive=False)


def _ensure_left(view: Answering, budgets: Sequence[Budget]) -> None:
    view.headers.update(_headers(budgets))
    waits = [budget.resets_in for budget in budgets if budget.is_exceeded]
    if waits:
        raise TooManyAttempts(retry_after=max(waits))


def _each(do: Callable[[Attempt], None], attempts: Sequence[Attempt]) -> None:
    for attempt in attempts:
        do(attempt)


def _budget_of(attempt: Attempt) -> Budget:
    limit = Limit("account", "", settings.LOGIN_FAILURES_PER_ACCOUNT, settings.LOGIN_WINDOW_SECONDS)
    wait = seconds_locked(attempt.standing) or settings.LOGIN_WINDOW_SECONDS
    return Budget(limit, attempt.standing.failures, wait)


def _headers(budgets: Sequence[Budget]) -> dict[str, str]:
    """draft-ietf-httpapi-ratelimit-headers: q quota, w window, r remaining, t seconds to reset."""
    if not budgets:
        return {}
    return {
        "RateLimit-Policy": ", ".join(
            f'"{each.limit.name}";q={each.limit.quota};w={each.limit.seconds}' for each in budgets
        ),
        "RateLimit": ", ".join(f'"{each.limit.name}";r={each.left};t={each.resets_in}' for each in budgets),
    }


class Counter:
    """Counts in Redis; lets a dead one rest instead of waiting for it at every login."""

    def __init__(self) -> None:
        self._rests_until = 0.0

    def spend(self, limits: Sequence[Limit]) -> list[Budget]:
        """Count one refusal in advance for each limit; nothing where Redis does not answer."""
        if time.monotonic() < self._rests_until:
            return []
        try:
            pipeline = get_redis_connection("default").pipeline(transaction=False)
            for limit in limits:
                pipeline.set(limit.key, 0, ex=limit.seconds, nx=True)
                pipeline.incr(limit.key)
                pipeline.ttl(limit.key)
            answers = pipeline.execute()
        except RedisError as error:
            self._rest(error)
            return []
        triples = zip(limits, answers[1::3], answers[2::3], strict=True)
        return [Budget(limit, int(used), max(1, int(ttl))) for limit, used, ttl in triples]

    def give_back(self, limits: Sequence[Limit], *, forgive: bool) -> None:
        if time.monotonic() < self._rests_until:
            return
        try:
            pipeline = get_redis_connection("default").pipeline(transaction=False)
            for limit in limits:
                if forgive and limit.forgiven:
                    pipeline.delete(limit.key)
                else:
                    pipeline.eval(_TAKE_BACK, 1, limit.key)
            pipeline.execute()
        except RedisError as error:
            self._rest(error)

    def _rest(self, error: RedisError) -> None:
        self._rests_until = time.monotonic() + _REST_SECONDS
        logger.warning("attempts are not counted: %s", type(error).__name__)


_counter = Counter()
