"""One `save()` with the triggers, without them, and with django-simple-history."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from bench import relay
from bench.audit_rows import Turns, person
from bench.harness import OURS, Contender, Goal, Trial, expect
from bench.peers.models import AuditedRow, HistoryRow, UnauditedRow
from bench.wire import traffic
from bench.world import World
from tests.factories import make_tenant, scope_of


@contextmanager
def trial(_world: World) -> Iterator[Trial]:
    """The scope is entered once a turn: what is compared is the saving alone."""
    tenant = make_tenant("audit")
    turns = Turns()

    @contextmanager
    def around() -> Iterator[None]:
        with relay.held(), scope_of(tenant):
            yield

    with scope_of(tenant):
        saves = {model: _saver(model, tenant.id, turns) for model in (AuditedRow, UnauditedRow, HistoryRow)}
    before = relay.delivered(tenant.id)
    history: Any = HistoryRow.history
    with scope_of(tenant):
        for save in saves.values():
            save()
        expect(history.filter(tenant_id=tenant.id).count(), 2, "entries of the peer, the first among them")
    expect(relay.delivered(tenant.id) - before, 1, "audit entries of a save")
    with scope_of(tenant):
        counted = {"ours": str(traffic(saves[AuditedRow])), "simple-history": str(traffic(saves[HistoryRow]))}
    yield Trial(
        contenders=[
            Contender(OURS, saves[AuditedRow], around),
            Contender("no audit", saves[UnauditedRow], around),
            Contender("simple-history", saves[HistoryRow], around),
        ],
        goals=[Goal("no audit", "at most", 1.3)],
        facts=counted,
    )


def _saver(model: Any, tenant_id: Any, turns: Turns) -> Callable[[], object]:
    row = model.objects.create(**person(1), tenant_id=tenant_id)

    def save() -> None:
        row.city = turns.next()
        row.save()

    return save
