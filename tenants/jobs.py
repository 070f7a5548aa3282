"""Work for later: ask for it by name here, write its handler in a package's `tasks.py`.

    job = jobs.defer("invoicing.send_invoice", args={"invoice": str(invoice.id)})

    @jobs.register("invoicing.send_invoice")
    def send_invoice(context: jobs.JobContext, *, invoice: str) -> dict[str, int] | None: ...

`defer` writes a row in the caller's transaction: no commit, no job. The handler runs in the job's tenant
scope as the actor who asked. Its database effect and the job's success commit together, so the effect
happens once however often a worker dies. A handler that calls the outside is registered with
`transactional=False`: it may run again after a crash, and has to recognise what it did by `job_id` (an
intent row, an idempotency key at the other side, a file name).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import uniform
from typing import Any, Protocol, TypeVar
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.utils import timezone

from tenants import scope
from tenants.models import Job
from tenants.statements import jobs as statements

LONGEST_RETRY = timedelta(hours=6)


class UnknownJob(LookupError):
    """No handler is registered under this name: a programming error."""


class JobTakenBack(RuntimeError):
    """Somebody else holds the job by now: what this worker did for it must not count."""


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a handler knows about its job; `attempt` counts from 1."""

    task: statements.Task
    name: str

    @property
    def job_id(self) -> UUID:
        return self.task.job

    @property
    def attempt(self) -> int:
        return self.task.attempt

    def progress(self, current: int, total: int) -> None:
        """Show `current` of `total` to whoever watches, at once and whatever becomes of the transaction.

        Raises JobTakenBack when the job was given to another worker meanwhile.
        """
        if not statements.report_progress(self.task, current=current, total=total):
            raise JobTakenBack(str(self.task.job))


class Handle(Protocol):
    """A handler: keyword arguments are the job's `args`, the result is JSON or None."""

    __name__: str

    def __call__(self, context: JobContext, /, **args: Any) -> Any: ...


H = TypeVar("H", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Handler:
    """A registered handler and how often it is tried.

    The n-th retry waits `first_retry` times 3 to the power n-1, six hours at most, less a random half.
    """

    name: str
    call: Handle
    transactional: bool
    max_attempts: int
    first_retry: timedelta

    def retry_delay(self, attempt: int) -> timedelta:
        """How long to wait after the failure of this attempt."""
        longest = min(LONGEST_RETRY, self.first_retry * 3 ** (attempt - 1))
        return timedelta(seconds=longest.total_seconds() * uniform(0.5, 1.0))


_handlers: dict[str, Handler] = {}


def register(
    name: str,
    *,
    transactional: bool = True,
    max_attempts: int = 8,
    first_retry: timedelta = timedelta(seconds=5),
) -> Callable[[H], H]:
    """Make the decorated function the handler of `name`, which is "package.verb_noun".

    Raises ImproperlyConfigured where the name is taken or does not begin with its package.
    """

    def decorate(function: H) -> H:
        known = _handlers.get(name)
        if known is not None and _place(known.call) != _place(function):
            raise ImproperlyConfigured(
                f"two handlers for the job {name}: {_place(known.call)}, {_place(function)}"
            )
        if function.__module__.partition(".")[0] != name.partition(".")[0]:
            raise ImproperlyConfigured(f"the job {name} is registered by {function.__module__}")
        _handlers[name] = Handler(name, function, transactional, max_attempts, first_retry)
        return function

    return decorate


def handler_of(name: str) -> Handler:
    """The handler of a job's name. Raises UnknownJob."""
    try:
        return _handlers[name]
    except KeyError:
        raise UnknownJob(name) from None


def defer(name: str, *, args: Mapping[str, Any], run_after: datetime | None = None) -> Job:
    """Ask for one job in the current transaction and scope; `args` are JSON values.

    It starts after the commit, not before `run_after`. Raises UnknownJob, NoScope.
    """
    return defer_many(name, each=[args], run_after=run_after)[0]


def defer_many(
    name: str, *, each: Sequence[Mapping[str, Any]], run_after: datetime | None = None
) -> list[Job]:
    """Ask for one job for each of the argument sets, in one statement. Raises as `defer` does."""
    handler = handler_of(name)
    tenant_id = scope.require_tenant_id()
    current = scope.current()
    wanted = [
        Job(
            tenant_id=tenant_id,
            name=name,
            args=dict(args),
            actor=current.actor.label,
            request_id=current.request_id[:64],
            run_after=run_after or timezone.now(),
            max_attempts=handler.max_attempts,
        )
        for args in each
    ]
    made: list[Job] = Job.objects.bulk_create(wanted)
    wake_after_commit()
    return made


def wake_after_commit() -> None:
    """Have the dispatchers look at once when the current transaction commits."""
    # Not a trigger: a NOTIFY inside the business transaction makes all such commits wait for each other.
    if not any(hook[1] is statements.wake_dispatchers for hook in connection.run_on_commit):
        transaction.on_commit(statements.wake_dispatchers, robust=True)


def _place(function: Any) -> str:
    return f"{function.__module__}.{function.__qualname__}"
