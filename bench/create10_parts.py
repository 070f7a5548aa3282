"""Where the time of `create10` goes: its stages, each measured by itself; no goal."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.utils import timezone
from msgspec.json import encode

from bench.create10 import PATH, TOTALS, ours_body
from bench.harness import OURS, Contender, Trial, expect
from bench.relay import drained
from bench.world import Caller, World
from invoicing.api.v2.invoice_in import NewInvoiceIn
from invoicing.api.v2.invoice_out import invoice_out
from invoicing.domain.totals import compute
from invoicing.services.creating import create_invoice
from invoicing.services.preparing import prepare
from invoicing.services.resolving import resolve
from invoicing.statements.documents import write_documents
from tenants.http.parsing import parse_body
from tests.factories import scope_of

NOTHING = "/api/v2/bench/nothing"


@contextmanager
def trial(world: World) -> Iterator[Trial]:
    """The stages run in a scope that stands; `write, undone` is the statement without its commit."""
    caller = Caller(token=world.access_token())
    body = ours_body(world.customer.public_id)
    draft = parse_body(body, NewInvoiceIn).draft()
    made = json.loads(caller("POST", PATH, body=body))
    expect({name: made["totals"][name] for name in TOTALS}, TOTALS, "totals")
    with scope_of(world.ours, member=world.member):
        record = create_invoice(draft=draft, issue=True)

        def write_and_undo() -> None:
            with transaction.atomic():
                one = prepare([draft], now=timezone.now(), issue=True)[0]
                write_documents(
                    tenant_id=world.ours.id, documents=[one.document], lines=one.lines, issue=True
                )
                transaction.set_rollback(True)

        yield Trial(
            contenders=[
                Contender(OURS, lambda: caller("POST", PATH, body=body), drained),
                Contender("a request that does nothing", lambda: caller("GET", NOTHING)),
                Contender("parse", lambda: parse_body(body, NewInvoiceIn).draft()),
                Contender("references, one statement", lambda: resolve([draft])),
                Contender("totals", lambda: compute(draft.document)),
                Contender(
                    "references, totals, rows", lambda: prepare([draft], now=timezone.now(), issue=True)
                ),
                Contender("the same and write, undone", write_and_undo, drained),
                Contender("the service", lambda: create_invoice(draft=draft, issue=True), drained),
                Contender("render", lambda: encode(invoice_out(record))),
            ],
            goals=[],
            facts={},
        )
