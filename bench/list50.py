"""`GET /api/v2/invoices`: pages of 50 of a filtered list, with the customer, one after another."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from decimal import Decimal
from itertools import cycle
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.db import connections

from bench.harness import OURS, Contender, Goal, Trial, WrongResult, expect
from bench.peers import api, raw
from bench.peers.routing import as_ours
from bench.peers.thin import Thin
from bench.wire import traffic
from bench.world import Caller, World, bare_handler, raw_connection
from tenants import ids

PATH, PEER_PATH, THIN_PATH = "/api/v2/invoices", "/bench/invoices", "/bench/thin/list"
FILTERS = {"status": "issued", "issued_from": "2025-03-01", "limit": "50", "expand": "customer"}
# The peers list the same rows, from tables without rules.
_COLUMNS = """
    id, tenant_id, legal_entity_id, customer_id, series_id, type, state, payment_state, period, sequence,
    number, issued_at, issue_date, due_date, payment_terms, currency, tax_currency, tax_rounding,
    sum_of_lines, allowance_total, charge_total, tax_exclusive, tax_total, tax_inclusive, prepaid_amount,
    rounding_amount, payable, allowances, charges, tax_breakdown, seller, buyer, version, created_at,
    updated_at"""
_COPY_CUSTOMERS = """
INSERT INTO bench_peers_customer SELECT id, tenant_id, name, reference, vat_id, country
FROM invoicing_customer ON CONFLICT DO NOTHING
"""
_COPY_INVOICES = f"""
INSERT INTO bench_peers_invoice ({_COLUMNS})
SELECT {_COLUMNS} FROM invoicing_invoice WHERE state = 'issued' ON CONFLICT DO NOTHING
"""  # noqa: S608  # the names of columns above
COPY = (_COPY_CUSTOMERS, _COPY_INVOICES, "VACUUM ANALYZE bench_peers_invoice, bench_peers_customer")


class Page(NamedTuple):
    """One page: the query of ours, the values of the limit, the query of the peer."""

    ours: str
    limit: dict[str, Any]
    peer: str


@contextmanager
def trial(world: World) -> Iterator[Trial]:
    """Over WSGI in this process. Everybody walks through the same pages, so that nothing stays warm."""
    documents = world.documents
    with connections["owner"].cursor() as cursor:
        for statement in COPY:
            cursor.execute(statement)
    caller, peer = Caller(token=world.access_token()), Caller(bare_handler())
    api.ListInvoices.tenant_id = world.ours.id
    pages = list(_pages(world, caller))
    turns = {who: cycle(pages) for who in (OURS, "limit", "thin view", "drf")}
    with closing(raw_connection("owner")) as limit:

        def ours() -> bytes:
            return caller("GET", PATH, query=next(turns[OURS]).ours)

        def tutorial() -> bytes:
            return peer("GET", PEER_PATH, query=next(turns["drf"]).peer)

        def thin() -> bytes:
            values = next(turns["thin view"]).limit
            return peer("GET", THIN_PATH, query=urlencode(values))

        Thin.connection = limit
        expect(thin(), raw.list_page(limit, pages[0].limit), "page of the thin view")
        _check(world, caller("GET", PATH, query=pages[0].ours), raw.list_page(limit, pages[0].limit))
        expect(len(json.loads(peer("GET", PEER_PATH, query=pages[0].peer))), 50, "rows of the peer")
        yield Trial(
            contenders=[
                Contender(OURS, ours),
                Contender("limit", lambda: raw.list_page(limit, next(turns["limit"]).limit)),
                Contender("thin view", thin),
                Contender("drf", tutorial),
                Contender("drf, connected as ours", as_ours(tutorial)),
            ],
            goals=[Goal("limit", "at most", 2), Goal("drf", "at least", 5)],
            facts={
                "ours": str(traffic(ours)),
                "drf": str(traffic(tutorial, alias="peers")),
                "data": f"{len(pages)} pages, {documents} documents of the tenant",
            },
        )


def _pages(world: World, caller: Caller) -> Iterator[Page]:
    """Every full page behind the first."""
    page = json.loads(caller("GET", PATH, query=urlencode(FILTERS)))
    while page["next_cursor"]:
        last = page["data"][-1]
        day = date.fromisoformat(last["issue_date"])
        query = urlencode({**FILTERS, "cursor": page["next_cursor"]})
        page = json.loads(caller("GET", PATH, query=query))
        if len(page["data"]) < 50:
            return
        values = {
            "tenant": world.ours.id,
            "from": date.fromisoformat(FILTERS["issued_from"]),
            "today": date(2026, 11, 20),
            "after_date": day,
            "after_id": ids.decode("inv", last["id"]),
        }
        yield Page(query, values, urlencode({**FILTERS, "issued_to": day.isoformat()}))


def _check(world: World, ours: bytes, limit: bytes) -> None:
    mine, theirs = json.loads(ours)["data"], json.loads(limit)["data"]
    expect(len(mine), 50, "rows")
    expect([ids.decode("inv", one["id"]) for one in mine], [UUID(one["id"]) for one in theirs], "ids")
    totals = [Decimal(one["totals"]["payable"]) for one in mine]
    expect(totals, [Decimal(one["payable"]) for one in theirs], "totals")
    expect([one["customer"]["name"] for one in mine], [one["name"] for one in theirs], "customers")
    foreign = Caller(token=world.access_token(foreign=True))
    seen = {one["id"] for one in json.loads(foreign("GET", PATH, query=urlencode(FILTERS)))["data"]}
    if not seen or seen & {one["id"] for one in mine}:
        raise WrongResult("another tenant sees these rows, or none of its own")
