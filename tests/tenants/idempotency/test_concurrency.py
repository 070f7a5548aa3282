"""Callers at the same moment, and servers that die (invariant 7, short form)."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from tenants.models import IdempotencyKey, Membership
from tenants.services import idempotency as services
from tenants.services.idempotency import Answer, KeyInFlight
from tests.factories import scope_of
from tests.faults import idempotency as faults
from tests.faults.handlers import leave_trace, traces_of

CALL = {"method": "POST", "route": "/api/v2/act", "fingerprint": b"f" * 32}


def test_a_second_caller_is_told_at_once_that_the_first_is_under_way(acme_admin: Membership) -> None:
    entered, leave = threading.Event(), threading.Event()

    def slowly() -> Answer:
        entered.set()
        assert leave.wait(10)
        return Answer(201, b"first")

    def first() -> Answer:
        try:
            with scope_of(acme_admin.tenant, member=acme_admin):
                return services.once(key="k", perform=slowly, **CALL)  # type: ignore[arg-type]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool, scope_of(acme_admin.tenant, member=acme_admin):
        running = pool.submit(first)
        assert entered.wait(10)
        with pytest.raises(KeyInFlight) as caught:
            services.once(key="k", perform=lambda: Answer(201, b"second"), **CALL)  # type: ignore[arg-type]
        assert caught.value.retry_after == 1
        leave.set()
        assert running.result().body == b"first"
        again = services.once(key="k", perform=lambda: Answer(201, b"second"), **CALL)  # type: ignore[arg-type]
    assert (again.body, again.is_replayed) == (b"first", True)


def test_many_callers_of_many_keys_have_one_effect_each(acme_admin: Membership) -> None:
    keys, callers = 50, 8
    together = threading.Barrier(callers)

    def call_each() -> list[bytes]:
        answers = []
        try:
            with scope_of(acme_admin.tenant, member=acme_admin):
                for number in range(keys):
                    together.wait(30)
                    answers.append(insist(f"k{number}"))
        finally:
            connections.close_all()
        return answers

    with ThreadPoolExecutor(callers) as pool:
        answers = [each.result() for each in [pool.submit(call_each) for _ in range(callers)]]
    assert len({tuple(each) for each in answers}) == 1
    with scope_of(acme_admin.tenant):
        assert [traces_of(f"k{number}") for number in range(keys)] == [1] * keys
        assert IdempotencyKey.objects.count() == keys


def insist(key: str) -> bytes:
    """Ask again while somebody else is at it."""

    def perform() -> Answer:
        leave_trace(key)
        return Answer(201, f"{key} by {threading.get_ident()}".encode())

    while True:
        try:
            return services.once(key=key, perform=perform, **CALL).body  # type: ignore[arg-type]
        except KeyInFlight:
            continue


@pytest.mark.slow
def test_a_server_killed_between_commit_and_answer_repeats_no_effect() -> None:
    figures = faults.run(7, keys=50, callers=8, percent=5)
    wrong = [figures[name] for name in ("missing", "double", "gaps", "several_answers", "unanswered")]
    assert wrong == [0] * 5, figures
    assert figures["broken_connections"] > 0, figures
