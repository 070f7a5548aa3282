"""Handlers of jobs that leave countable traces."""

from datetime import timedelta
from typing import Any

from django.db import connection

from tenants.errors import DomainError, Kind
from tenants.jobs import JobContext, register
from tenants.models import OutgoingMail
from tenants.scope import current, require_tenant_id
from tenants.services import jobs as services

AT_ONCE = timedelta(0)
LEAVE_TRACE = "tests.leave_trace"


class NotToday(DomainError):
    """This can never work."""

    kind, code = Kind.UNPROCESSABLE, "not-today"


class NotYet(DomainError):
    """This may work later."""

    kind, code = Kind.UNAVAILABLE, "not-yet"


def leave_trace(text: str) -> None:
    """One row more with this text, in the current tenant."""
    OutgoingMail.objects.create(
        tenant_id=require_tenant_id(), message_id="", sender="", subject=text, text_body=current().actor.label
    )


def traces_of(text: str) -> int:
    """How many rows of the current tenant have this text."""
    return OutgoingMail.objects.filter(subject=text).count()


@register(LEAVE_TRACE, first_retry=AT_ONCE, max_attempts=50)
def leave_one_trace(context: JobContext, *, text: str, milliseconds: int = 0) -> dict[str, Any]:
    """Leave the trace and then work for a while, so that a kill may fall on either side of it."""
    leave_trace(text)
    if milliseconds:
        with connection.cursor() as cursor:
            cursor.execute("select pg_sleep(%s)", [milliseconds / 1000])
    return {"attempt": context.attempt}


@register("tests.fail_until", first_retry=AT_ONCE, max_attempts=5)
def fail_until(context: JobContext, *, attempt: int) -> dict[str, int]:
    """Leave a trace and break, until this attempt."""
    leave_trace(f"attempt {context.attempt}")
    if context.attempt < attempt:
        raise ZeroDivisionError("select * from secrets")
    return {"attempt": context.attempt}


@register("tests.refuse", first_retry=AT_ONCE)
def refuse(context: JobContext) -> None:  # noqa: ARG001
    """Refused whenever it is asked."""
    raise NotToday


@register("tests.wait", first_retry=timedelta(hours=1))
def refuse_for_now(context: JobContext) -> None:  # noqa: ARG001
    """Refused, but perhaps not for ever."""
    raise NotYet


@register("tests.progress", first_retry=AT_ONCE)
def report_progress(context: JobContext, *, total: int) -> None:
    """Report and then break, so that nothing but the progress stays."""
    context.progress(total - 1, total)
    raise ZeroDivisionError


@register("tests.lose_itself", first_retry=AT_ONCE)
def lose_itself(context: JobContext, *, text: str) -> None:
    """Leave a trace, and meanwhile the job is taken back and given to somebody else."""
    leave_trace(text)
    if context.attempt == 1:
        services.reclaim(dead_after=timedelta(seconds=30))
        services.dispatch(at_most=10, per_tenant=10)


@register("tests.report_late", first_retry=AT_ONCE)
def report_late(context: JobContext) -> None:
    """Report progress of a job that is somebody else's by now."""
    services.reclaim(dead_after=timedelta(seconds=30))
    context.progress(1, 2)


@register("tests.outside", transactional=False, first_retry=AT_ONCE)
def call_outside(context: JobContext, *, text: str) -> dict[str, str]:
    """A handler without a transaction of its own: its effect stays whatever comes after."""
    if not traces_of(text):
        leave_trace(text)
    if context.attempt == 1:
        raise ConnectionError
    return {"done": text}
