"""The service that issues a hundred invoices of ten lines in one call."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal

from django.db.models import Sum

from bench.create10 import raw_writer
from bench.harness import OURS, Contender, Goal, Trial, expect
from bench.relay import delivered, drained
from bench.wire import traffic
from bench.world import World, raw_connection
from invoicing.models import Invoice, InvoiceLine
from invoicing.services.creating import create_invoices
from tests.factories import scope_of
from tests.factories.invoicing import a_draft, a_line

BATCH, LINES = 100, 10
ENTRIES = BATCH * (1 + LINES)


@contextmanager
def trial(world: World) -> Iterator[Trial]:
    """Against one raw statement of unnested arrays with its audit rows, and without any."""
    drafts = [a_draft(world.customer.id, lines=[a_line("3", "10.25")] * LINES)] * BATCH

    def issue() -> object:
        with scope_of(world.ours, member=world.member):
            return create_invoices(drafts=drafts, issue=True)

    _check_ours(world, issue)
    with closing(raw_connection("default")) as main, closing(raw_connection("audit")) as audit:
        limit = raw_writer(world, main, audit)
        unaudited = limit._replace(audit=None)
        expect(len({number for _, number in limit.issue(BATCH)}), BATCH, "numbers of the limit")
        yield Trial(
            contenders=[
                Contender(OURS, issue, drained, most_calls=20),
                Contender("limit", lambda: limit.issue(BATCH), drained, most_calls=20),
                Contender("limit, unaudited", lambda: unaudited.issue(BATCH), drained, most_calls=20),
            ],
            goals=[Goal("limit", "at most", 1.5), Goal("limit, unaudited", "at most", 1.5)],
            facts={"ours": str(traffic(issue)), "rows": f"{ENTRIES}, each with an audit entry"},
        )


def _check_ours(world: World, issue: object) -> None:
    before = delivered(world.ours.id)
    made = issue()  # type: ignore[operator]
    sequences = [int(record.number.rsplit("-", 1)[1]) for record in made]
    expect(sequences, list(range(sequences[0], sequences[0] + BATCH)), "numbers")
    expect(delivered(world.ours.id) - before, ENTRIES, "audit entries")
    with scope_of(world.ours):
        written = Invoice.objects.filter(id__in=[record.id for record in made])
        expect(written.aggregate(sum=Sum("payable")), {"sum": Decimal("365.93") * BATCH}, "totals")
        lines = InvoiceLine.objects.filter(invoice_id__in=written.values("id"))
        expect(lines.count(), BATCH * LINES, "lines")
    with scope_of(world.theirs):
        seen = Invoice.objects.filter(id__in=[record.id for record in made])
        expect(seen.count(), 0, "seen by another")
