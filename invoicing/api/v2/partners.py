"""The view that customers and vendors have beside those of every record."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from invoicing.api.v2.master_data import answer
from invoicing.api.v2.records import RecordKind, RecordView
from tenants.capabilities import PARTIES_MERGE
from tenants.http.idempotency import idempotent
from tenants.http.parsing import parse_request


@dataclass(frozen=True, kw_only=True)
class PartnerKind(RecordKind):
    """Customers or vendors: a kind of record of which one may turn out to be another."""

    merge: Callable[..., Any]
    merge_body: type[Any]


class PartnerMerge(RecordView):
    """One turns out to be another: it becomes an alias of that one, which is answered."""

    kind: ClassVar[PartnerKind]
    capability: ClassVar = {"POST": PARTIES_MERGE}

    @idempotent
    def post(self, request: Request, **named: str) -> HttpResponseBase:
        self.found(named)
        into = parse_request(request, self.kind.merge_body).into
        return answer(request, self.kind.out(self.kind.merge(**self.kind.id_of(named), into=into)))
