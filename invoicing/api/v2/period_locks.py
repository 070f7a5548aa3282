"""v2 of period locks: close the books of a legal entity through a day, and open them again."""

from datetime import date, datetime
from typing import Annotated, ClassVar
from uuid import UUID

import msgspec
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from msgspec.json import encode
from rest_framework.request import Request

from invoicing.api.v2.invoice_in import LegalEntityId
from invoicing.domain.periods import open_from
from invoicing.models import PeriodLock as Lock
from invoicing.selectors.period_locks import get_period_lock, list_period_locks
from invoicing.services import period_locks
from tenants import ids
from tenants.capabilities import BOOKS_CLOSE, INVOICES_READ
from tenants.http.idempotency import idempotent
from tenants.http.openapi import body_of, parameters_of, schema_of
from tenants.http.pagination import CursorQuery, decode_cursor, encode_cursor
from tenants.http.parsing import parse_request
from tenants.http.query import parse_query
from tenants.http.rendering import JSONBytes
from tenants.http.values import Body, line
from tenants.http.versions import V2View

_LISTING = "period-locks"
_IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Equal requests with one key have one effect and one answer for 24 hours.",
)


class PeriodLockIn(Body, kw_only=True):
    """The last day that shall be closed; without `legal_entity` of the tenant's default one."""

    closed_through: date
    legal_entity: LegalEntityId | None = None
    note: Annotated[str, line(500)] | None = None


class ReleaseIn(Body, kw_only=True):
    """The reason is kept with the lock and in the trail."""

    reason: Annotated[str, line(500)]


class PeriodLockQuery(CursorQuery, kw_only=True):
    """The latest first. `in_force` asks for those that hold, or for those that were released."""

    legal_entity: LegalEntityId | None = None
    in_force: bool | None = None


class PeriodLockOut(msgspec.Struct):
    """`open_from` is the first day that this lock leaves open."""

    id: str
    legal_entity: str
    closed_through: date
    open_from: date
    note: str
    created_at: datetime
    released_at: datetime | None
    release_reason: str


class PeriodLockPageOut(msgspec.Struct):
    data: list[PeriodLockOut]
    next_cursor: str | None
    has_more: bool
    total: int | msgspec.UnsetType = msgspec.UNSET


class PeriodLocks(V2View):
    """Through which day the books of each legal entity are closed."""

    capability: ClassVar = {"GET": INVOICES_READ, "POST": BOOKS_CLOSE}

    @extend_schema(
        operation_id="period_locks_list",
        summary="List period locks",
        parameters=parameters_of(PeriodLockQuery),
        responses={200: schema_of(PeriodLockPageOut)},
    )
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, PeriodLockQuery)
        rows = list_period_locks(legal_entity=query.legal_entity, in_force=query.in_force)
        total = rows.count() if query.wants_total else msgspec.UNSET
        if query.cursor is not None:
            (last,) = decode_cursor(_LISTING, query.cursor, tuple[UUID])
            rows = rows.filter(id__lt=last)
        found = list(rows[: query.size + 1])
        shown, has_more = found[: query.size], len(found) > query.size
        cursor = encode_cursor(_LISTING, (shown[-1].id,)) if has_more else None
        return JSONBytes(encode(PeriodLockPageOut([_out(row) for row in shown], cursor, has_more, total)))

    @extend_schema(
        operation_id="period_locks_create",
        summary="Close the books of a legal entity through a day",
        parameters=[_IDEMPOTENCY_KEY],
        request=body_of(PeriodLockIn),
        examples=[
            OpenApiExample(
                "body", value={"closed_through": "2026-10-31", "note": "VAT return filed"}, request_only=True
            )
        ],
        responses={201: schema_of(PeriodLockOut)},
    )
    @idempotent
    def post(self, request: Request) -> HttpResponseBase:
        body = parse_request(request, PeriodLockIn)
        lock = period_locks.lock_period(
            closed_through=body.closed_through, legal_entity_id=body.legal_entity, note=body.note or ""
        )
        headers = {"Location": f"{request.path.rstrip('/')}/{lock.public_id}"}
        return JSONBytes(encode(_out(lock)), status=201, headers=headers)


class PeriodLock(V2View):
    """One lock, in force or released."""

    capability: ClassVar = {"GET": INVOICES_READ}

    @extend_schema(
        operation_id="period_locks_retrieve",
        summary="Read a period lock",
        responses={200: schema_of(PeriodLockOut)},
    )
    def get(self, request: Request, period_lock_id: str) -> HttpResponseBase:
        return JSONBytes(encode(_out(get_period_lock(period_lock_id=ids.decode("lck", period_lock_id)))))


class ReleasePeriodLock(V2View):
    """The latest lock of a legal entity is taken back, with a reason."""

    capability: ClassVar = {"POST": BOOKS_CLOSE}

    @extend_schema(
        operation_id="period_locks_release",
        summary="Open a closed period again",
        parameters=[_IDEMPOTENCY_KEY],
        request=body_of(ReleaseIn),
        examples=[OpenApiExample("body", value={"reason": "A late invoice of October"}, request_only=True)],
        responses={200: schema_of(PeriodLockOut)},
    )
    @idempotent
    def post(self, request: Request, period_lock_id: str) -> HttpResponseBase:
        lock = get_period_lock(period_lock_id=ids.decode("lck", period_lock_id))
        body = parse_request(request, ReleaseIn)
        return JSONBytes(
            encode(_out(period_locks.release_period(period_lock_id=lock.id, reason=body.reason)))
        )


def _out(lock: Lock) -> PeriodLockOut:
    return PeriodLockOut(
        lock.public_id,
        ids.encode("le", lock.legal_entity_id),
        lock.closed_through,
        open_from(lock.closed_through),
        lock.note,
        lock.created_at,
        lock.released_at,
        lock.release_reason,
    )
