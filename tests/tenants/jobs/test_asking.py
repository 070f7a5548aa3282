"""A job belongs to the transaction that asks for it."""

import ast
from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.utils import timezone

from tenants import jobs, scope
from tenants.models import Job, Tenant
from tests.databases import REPOSITORY
from tests.factories import scope_of


class Undone(Exception):
    """Ends a transaction that must not leave a job."""


@transaction.atomic
def ask_and_undo() -> None:
    jobs.defer("tests.leave_trace", args={"text": "never"})
    raise Undone


def do_nothing(context: jobs.JobContext) -> None:
    del context


def test_a_rollback_leaves_no_job(acme: Tenant) -> None:
    with scope_of(acme):
        with pytest.raises(Undone):
            ask_and_undo()
        assert Job.objects.count() == 0


def test_a_job_remembers_who_asked_and_in_which_request(acme: Tenant) -> None:
    with scope_of(acme, request_id="req-7") as current:
        job = jobs.defer("tests.leave_trace", args={"text": "x"})
        kept = Job.objects.get(id=job.id)
    assert (kept.actor, kept.request_id, kept.max_attempts) == (current.actor.label, "req-7", 50)
    assert kept.tenant_id == acme.id


def test_asking_outside_of_a_tenants_scope_is_refused() -> None:
    with pytest.raises(scope.NoScope):
        jobs.defer("tests.leave_trace", args={"text": "x"})


def test_asking_for_an_unknown_job_fails_at_once(acme: Tenant) -> None:
    with scope_of(acme), pytest.raises(jobs.UnknownJob):
        jobs.defer("tests.no_such_thing", args={})


def test_many_jobs_cost_one_statement_and_one_wake_up(acme: Tenant) -> None:
    statements: list[str] = []

    def record(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        statements.append(sql)
        return execute(sql, params, many, context)

    with scope_of(acme), connection.execute_wrapper(record):
        with transaction.atomic():
            jobs.defer_many("tests.leave_trace", each=[{"text": str(number)} for number in range(100)])
            jobs.defer("tests.leave_trace", args={"text": "one more"})
        assert Job.objects.count() == 101
    assert [sql.split()[0] for sql in statements] == ["INSERT", "INSERT", "notify", "SELECT"]


def test_a_name_has_one_handler_of_its_own_package() -> None:
    with pytest.raises(ImproperlyConfigured, match="two handlers"):
        jobs.register("tests.leave_trace")(do_nothing)
    with pytest.raises(ImproperlyConfigured, match="is registered by tests"):
        jobs.register("tenants.something_else")(do_nothing)


def test_retries_wait_ever_longer_and_never_all_at_the_same_moment() -> None:
    handler = jobs.handler_of("tenants.deliver_mail")
    for attempt in range(1, 9):
        longest = min(timedelta(hours=6), timedelta(seconds=5) * 3 ** (attempt - 1))
        delays = {handler.retry_delay(attempt) for _ in range(20)}
        assert len(delays) > 1
        assert all(longest / 2 <= delay <= longest for delay in delays)


def literal_of(expression: ast.expr, module: ast.Module) -> str | None:
    """The text that an expression stands for: itself, or a Final of the module."""
    constants = {
        ast.unparse(statement.target): statement.value
        for statement in module.body
        if isinstance(statement, ast.AnnAssign)
    }
    found = constants.get(expression.id) if isinstance(expression, ast.Name) else expression
    value = found.value if isinstance(found, ast.Constant) else None
    return value if isinstance(value, str) else None


def test_every_job_the_code_asks_for_is_known() -> None:
    asked = set()
    for package in ("tenants", "invoicing", "audit", "sync", "payments"):
        for path in (REPOSITORY / package).rglob("*.py"):
            module = ast.parse(path.read_text(encoding="utf-8"))
            for node in ast.walk(module):
                if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("defer", "defer_many"):
                    name = literal_of(node.args[0], module)
                    assert name is not None, f"{path}:{node.lineno}: name it literally or by a constant"
                    asked.add(name)
    assert "tenants.deliver_mail" in asked
    for name in asked:
        jobs.handler_of(name)


def test_a_job_for_later_is_not_due_before(acme: Tenant, work) -> None:  # type: ignore[no-untyped-def]
    with scope_of(acme):
        jobs.defer("tests.leave_trace", args={"text": "x"}, run_after=timezone.now() + timedelta(hours=1))
    assert work() == 0
