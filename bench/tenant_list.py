"""The selector behind the list, under row-level security, against the same without."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import connections

from bench.harness import OURS, Contender, Goal, Trial, expect
from bench.wire import traffic
from bench.world import World
from invoicing.selectors.invoice_lists import InvoiceFilter, list_invoices
from tests.factories import scope_of

FILTERS = InvoiceFilter(status="issued", issued_from=date(2025, 3, 1))


@contextmanager
def trial(world: World) -> Iterator[Trial]:
    """Ours is a whole unit of work: the scope is handed to the session and cleared again."""
    documents = world.documents

    def in_scope() -> Any:
        with scope_of(world.ours, member=world.member):
            return list_invoices(filters=FILTERS, limit=51)

    def plain() -> Any:
        return list_invoices(filters=FILTERS, limit=51)

    rows = in_scope()
    expect(len(rows), min(51, len(rows)), "rows")
    with _as_owner(world):
        expect(plain(), rows, "rows without row-level security")
    with scope_of(world.theirs):
        foreign = {row.id for row in list_invoices(filters=FILTERS, limit=51)}
    expect(foreign & {row.id for row in rows}, set(), "rows seen by two tenants")
    yield Trial(
        contenders=[
            Contender(OURS, in_scope),
            Contender("plain WHERE", plain, lambda: _as_owner(world)),
        ],
        goals=[Goal("plain WHERE", "at most", 1.25)],
        facts={"ours": str(traffic(in_scope)), "documents of the tenant": str(documents)},
    )


@contextmanager
def _as_owner(world: World) -> Iterator[None]:
    """`default` is the role that row-level security does not bind, and no settings are handed over."""
    served, owner = connections["default"], connections["owner"]
    owner.ensure_connection()
    with scope_of(world.ours, member=world.member):
        wrappers, owner.execute_wrappers = owner.execute_wrappers, []
        connections["default"] = owner
        try:
            yield
        finally:
            connections["default"] = served
            owner.execute_wrappers = wrappers
