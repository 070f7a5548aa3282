"""`POST /api/v2/invoices` with ten lines and `"issue": true`: number, totals, trail."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from functools import partial

from bench import granian_server
from bench.harness import OURS, Contender, Goal, Trial, WrongResult, expect
from bench.peers import api, models
from bench.peers.raw import LINES, Writer
from bench.peers.routing import as_ours
from bench.peers.thin import Thin
from bench.relay import delivered, drained
from bench.wire import traffic
from bench.world import Caller, World, bare_handler, raw_connection
from invoicing.models import Invoice
from tenants import ids
from tests.factories import scope_of

PATH, PEER_PATH, THIN_PATH = "/api/v2/invoices", "/bench/invoices/create", "/bench/thin/create"
TOTALS = {"sum_of_lines": "307.50", "tax_total": "58.43", "payable": "365.93"}
ENTRIES = 11  # the invoice and its lines


@contextmanager
def trial(world: World) -> Iterator[Trial]:
    """Over WSGI in this process; over HTTP from a granian worker besides."""
    caller, peer = Caller(token=world.access_token()), Caller(bare_handler())
    body = ours_body(world.customer.public_id)
    _check_ours(world, caller, body)
    with (
        closing(raw_connection("default")) as main,
        closing(raw_connection("audit")) as audit,
        granian_server.serving(caller.token) as server,
    ):
        limit = raw_writer(world, main, audit)
        _check_limit(limit)
        peer_body = _peer_body(limit)
        tutorial = partial(peer, "POST", PEER_PATH, body=peer_body)
        _check_peer(limit, tutorial)
        Thin.writer = limit
        thin = partial(peer, "POST", THIN_PATH, body=body)
        _check_thin(limit, thin)
        expect(server.post(PATH, body), 201, "status from granian")
        yield Trial(
            contenders=[
                Contender(OURS, lambda: caller("POST", PATH, body=body), drained),
                Contender("limit", lambda: limit.issue(1), drained),
                Contender("thin view", thin, drained),
                Contender("drf", tutorial, drained),
                Contender("drf, connected as ours", as_ours(tutorial), drained),
                Contender("ours, granian", lambda: server.post(PATH, body), drained),
            ],
            goals=[Goal("limit", "at most", 1.7), Goal("drf", "at least", 6)],
            facts={
                "ours": str(traffic(lambda: caller("POST", PATH, body=body))),
                "drf": str(traffic(tutorial, alias="peers")),
            },
        )


def ours_body(customer: str) -> bytes:
    """Ten lines of 3 × 10.25 at 19 %."""
    line = {"quantity": "3", "unit_price": "10.25", "tax": {"category": "S", "rate": "19"}}
    lines = [{"description": f"Line {number}", **line} for number in range(10)]
    return json.dumps({"customer": customer, "currency": "EUR", "issue": True, "lines": lines}).encode()


def raw_writer(world: World, main: object, audit: object) -> Writer:
    """The limit, on plain tables with a customer and a counter of their own."""
    customer = models.Customer.objects.create(tenant_id=world.ours.id, name="Globex Ltd", country="FR")
    counter = models.Counter.objects.create()
    party = json.dumps({"name": "Globex Ltd", "country": "FR", "address_line": "1 rue de la Paix"})
    return Writer(main, audit, world.ours.id, customer.id, counter.id, party, party)  # type: ignore[arg-type]


def _check_ours(world: World, caller: Caller, body: bytes) -> None:
    before = delivered(world.ours.id)
    first, second = (json.loads(caller("POST", PATH, body=body)) for _ in range(2))
    for made in (first, second):
        expect({name: made["totals"][name] for name in TOTALS}, TOTALS, "totals")
        expect(len(made["lines"]), 10, "lines")
    expect(_sequence(second["number"]) - _sequence(first["number"]), 1, "distance of two numbers")
    expect(delivered(world.ours.id) - before, 2 * ENTRIES, "audit entries of two invoices")
    with scope_of(world.theirs):
        expect(Invoice.objects.filter(id=ids.decode("inv", first["id"])).count(), 0, "seen by another")
    stranger = ours_body(world.foreign_customer.public_id)
    caller("POST", PATH, body=stranger, expected="400")


def _check_limit(limit: Writer) -> None:
    (one, _), (_, number) = limit.issue(1)[0], limit.issue(1)[0]
    expect(number, "INV-2026-2", "second number of the limit")
    expect(models.Line.objects.filter(invoice_id=one).count(), LINES, "lines of the limit")
    expect(_audited(limit, one), 1, "audit rows of the limit")


def _peer_body(limit: Writer) -> bytes:
    api.CreateInvoice.tenant_id, api.CreateInvoice.series_id = limit.tenant, limit.series
    api.CreateInvoice.seller, api.CreateInvoice.buyer = json.loads(limit.seller), json.loads(limit.buyer)
    line = {"quantity": "3", "unit_code": "C62", "unit_price": "10.25", "tax_category": "S", "tax_rate": "19"}
    lines = [{"position": n, "description": f"Line {n}", **line} for n in range(1, 11)]
    stated = {"customer": str(limit.customer), "currency": "EUR", "issue_date": "2026-11-20"}
    return json.dumps({**stated, "lines": lines}).encode()


def _check_peer(limit: Writer, create: Callable[[], bytes]) -> None:
    made = json.loads(create())
    expect(Decimal(made["payable"]), Decimal(TOTALS["payable"]), "total of the peer")
    expect(len(made["lines"]), LINES, "lines of the peer")
    expect(_audited(limit, made["id"]), 1, "audit rows of the peer")


def _check_thin(limit: Writer, create: Callable[[], bytes]) -> None:
    made = json.loads(create())
    expect(models.Line.objects.filter(invoice_id=made["id"]).count(), LINES, "lines of the thin view")
    expect(_audited(limit, made["id"]), 1, "audit rows of the thin view")


def _audited(limit: Writer, invoice_id: object) -> int:
    if limit.audit is None:
        raise WrongResult("the limit writes no audit row")
    counting = "SELECT count(*) FROM bench_auditlog WHERE record_id = %s"
    found = limit.audit.execute(counting, [str(invoice_id)]).fetchone()
    return 0 if found is None else int(found[0])


def _sequence(number: str) -> int:
    return int(number.rsplit("-", 1)[1])
