"""The least that Django can do: a plain view around the limit, with a parsed body and nothing else."""

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

import msgspec
import psycopg
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from bench.peers.raw import Writer, list_page


class TaxIn(msgspec.Struct):
    category: str
    rate: Decimal


class LineIn(msgspec.Struct):
    description: str
    quantity: Decimal
    unit_price: Decimal
    tax: TaxIn


class InvoiceIn(msgspec.Struct):
    customer: str
    currency: str
    issue: bool
    lines: list[LineIn]


class Thin:
    """What the views work with: set by the benchmark, as there is nobody who could be logged in."""

    writer: ClassVar[Writer]
    connection: ClassVar["psycopg.Connection[Any]"]


@csrf_exempt
def create(request: HttpRequest) -> HttpResponse:
    """Parse what ours is sent, let the limit write, answer id and number."""
    msgspec.json.decode(request.body, type=InvoiceIn)
    ((invoice_id, number),) = Thin.writer.issue(1)
    answer = msgspec.json.encode({"id": invoice_id, "number": number})
    return HttpResponse(answer, status=201, content_type="application/json")


def listing(request: HttpRequest) -> HttpResponse:
    """The limit's page behind a key."""
    values = {
        "tenant": UUID(request.GET["tenant"]),
        "from": date.fromisoformat(request.GET["from"]),
        "today": date.fromisoformat(request.GET["today"]),
        "after_date": date.fromisoformat(request.GET["after_date"]),
        "after_id": UUID(request.GET["after_id"]),
    }
    return HttpResponse(list_page(Thin.connection, values), content_type="application/json")
