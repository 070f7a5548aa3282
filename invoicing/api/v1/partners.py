"""The view that customers and vendors have beside those of every record."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from invoicing.api.v1.master_data import stated
from invoicing.api.v1.partner_data import merged_into
from invoicing.api.v1.records import RecordKind, RecordView
from tenants.capabilities import PARTIES_MERGE
from tenants.http.idempotency import idempotent
from tenants.http.serializers import StrictSerializer


def partner_fields(data: dict[str, Any], partner: Any) -> dict[str, Any]:
    """The members of a body as the services take them."""
    return data if partner is None else merged_into(partner, data)


@dataclass(frozen=True, kw_only=True)
class PartnerKind(RecordKind):
    """Customers or vendors: a kind of record of which one may turn out to be another."""

    merge: Callable[..., Any]


class PartnerMerge(RecordView):
    """One turns out to be another: it becomes an alias of that one, which is answered."""

    kind: ClassVar[PartnerKind]
    capability: ClassVar = {"POST": PARTIES_MERGE}
    body: ClassVar[type[StrictSerializer]]

    @idempotent
    def post(self, request: Request, **named: str) -> HttpResponseBase:
        self.found(named)
        into = stated(request, self.body)["into"]
        return self.shown(self.kind.merge(**self.kind.id_of(named), into=into))
