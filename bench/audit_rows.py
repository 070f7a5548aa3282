"""What the audit benchmarks share: one table audited, not audited, and audited by django-simple-history."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections
from simple_history.utils import bulk_update_with_history  # type: ignore[import-untyped]

from bench import relay
from bench.harness import OURS, Contender, Goal, Trial, expect
from bench.peers.models import AuditedRow, HistoryRow, UnauditedRow
from bench.wire import traffic
from tests.factories import make_tenant, scope_of


@contextmanager
def trial_of(rows: int, *, goals: list[Goal], most_calls: int, peer_rows: int | None) -> Iterator[Trial]:
    """One `update()` of `rows` rows; the peer changes `peer_rows` objects with its helper for bulk."""
    tenant = make_tenant("audit")
    turns = Turns()
    with scope_of(tenant):
        for model in (AuditedRow, UnauditedRow):
            model.objects.bulk_create((model(**person(n), tenant_id=tenant.id) for n in range(rows)), 5000)
    before = relay.delivered(tenant.id)
    with scope_of(tenant):
        expect(AuditedRow.objects.update(city=turns.next()), rows, "rows changed")
    expect(relay.delivered(tenant.id) - before, rows, "audit entries")

    @contextmanager
    def around() -> Iterator[None]:
        with relay.held():
            _vacuum()
            with scope_of(tenant):
                yield

    def update(model: Any) -> Callable[[], object]:
        return lambda: model.objects.update(city=turns.next())

    contenders = [
        Contender(OURS, update(AuditedRow), around, most_calls),
        Contender("no audit", update(UnauditedRow), around, most_calls),
    ]
    with scope_of(tenant):
        if peer_rows is not None:
            contenders.append(Contender("simple-history", _history(tenant.id, peer_rows, turns), around, 1))
        counted = str(traffic(update(AuditedRow)))
    yield Trial(contenders, goals, {"ours": counted, "rows": str(rows)})


class Turns:
    """A new value for each call, so that every call changes every row."""

    def __init__(self) -> None:
        self.count = 0

    def next(self) -> str:
        self.count += 1
        return f"City {self.count}"


def person(number: int) -> dict[str, Any]:
    """The columns of a row, filled as a customer's are."""
    return {
        "name": f"Person {number:06}",
        "reference": f"C{number:06}",
        "vat_id": f"DE{number:09}",
        "email": f"person{number}@example.com",
        "phone": "+49 30 1234567",
        "address_line": "Unter den Linden 1",
        "postal_code": "10117",
        "city": "Berlin",
        "country": "DE",
        "payment_days": 30,
    }


def _history(tenant_id: Any, rows: int, turns: Turns) -> Callable[[], object]:
    people = HistoryRow.objects.bulk_create(
        [HistoryRow(**person(n), tenant_id=tenant_id) for n in range(rows)]
    )

    def change() -> None:
        city = turns.next()
        for one in people:
            one.city = city
        bulk_update_with_history(people, HistoryRow, ["city"], batch_size=1000)

    history: Any = HistoryRow.history
    before = history.count()
    change()
    expect(history.count() - before, rows, "entries of the peer")
    return change


def _vacuum() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "VACUUM bench_peers_auditedrow, bench_peers_unauditedrow, bench_peers_historyrow,"
            " audit_pendingentry"
        )
