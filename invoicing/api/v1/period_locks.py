"""v1 of period locks: close the books of a legal entity through a day, and open them again."""

from datetime import date
from typing import Any, ClassVar

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from invoicing.api.v1.references import LegalEntityId
from invoicing.domain.periods import open_from
from invoicing.models import PeriodLock as Lock
from invoicing.selectors.period_locks import get_period_lock, list_period_locks
from invoicing.services import period_locks
from tenants import ids
from tenants.capabilities import BOOKS_CLOSE, INVOICES_READ
from tenants.http.idempotency import idempotent
from tenants.http.openapi import parameters_of
from tenants.http.pagination import PageQuery
from tenants.http.query import parse_query
from tenants.http.serializers import (
    CleanCharField,
    PublicIdField,
    StrictDateField,
    StrictSerializer,
    page_of,
    validated,
)
from tenants.http.versions import V1View


class PeriodLockIn(StrictSerializer):
    """The last day that shall be closed; without `legal_entity` of the tenant's default one."""

    closed_through = StrictDateField()
    legal_entity = PublicIdField("le", required=False, allow_null=True)
    note = CleanCharField(max_length=500, required=False, allow_null=True)


class ReleaseIn(StrictSerializer):
    """The reason is kept with the lock and in the trail."""

    reason = CleanCharField(max_length=500)


class PeriodLockQuery(PageQuery, kw_only=True):
    """The latest first. `in_force` asks for those that hold, or for those that were released."""

    legal_entity: LegalEntityId | None = None
    in_force: bool | None = None


class PeriodLockOut(serializers.Serializer[Any]):
    """`open_from` is the first day that this lock leaves open."""

    id = serializers.CharField(source="public_id")
    legal_entity = PublicIdField("le", source="legal_entity_id")
    closed_through = StrictDateField()
    open_from = serializers.SerializerMethodField()
    note = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    released_at = serializers.DateTimeField(allow_null=True)
    release_reason = serializers.CharField(allow_blank=True)

    def get_open_from(self, lock: Lock) -> date:
        return open_from(lock.closed_through)


class PeriodLocks(V1View):
    """Through which day the books of each legal entity are closed."""

    capability: ClassVar = {"GET": INVOICES_READ, "POST": BOOKS_CLOSE}

    @extend_schema(
        operation_id="period_locks_list",
        summary="List period locks",
        parameters=parameters_of(PeriodLockQuery),
        responses=page_of(PeriodLockOut),
    )
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, PeriodLockQuery)
        rows = list_period_locks(legal_entity=query.legal_entity, in_force=query.in_force)
        total = rows.count()
        shown = rows[query.offset : query.offset + query.limit]
        return Response(query.body(list(PeriodLockOut(shown, many=True).data), total))

    @extend_schema(
        operation_id="period_locks_create",
        summary="Close the books of a legal entity through a day",
        request=PeriodLockIn,
        responses={201: PeriodLockOut},
    )
    @idempotent
    def post(self, request: Request) -> HttpResponseBase:
        data = validated(PeriodLockIn, request.data)
        lock = period_locks.lock_period(
            closed_through=data["closed_through"],
            legal_entity_id=data.get("legal_entity"),
            note=data.get("note") or "",
        )
        return Response(PeriodLockOut(lock).data, status=201)


class PeriodLock(V1View):
    """One lock, in force or released."""

    capability: ClassVar = {"GET": INVOICES_READ}

    @extend_schema(
        operation_id="period_locks_retrieve", summary="Read a period lock", responses=PeriodLockOut
    )
    def get(self, request: Request, period_lock_id: str) -> HttpResponseBase:
        return Response(PeriodLockOut(get_period_lock(period_lock_id=ids.decode("lck", period_lock_id))).data)


class ReleasePeriodLock(V1View):
    """The latest lock of a legal entity is taken back, with a reason."""

    capability: ClassVar = {"POST": BOOKS_CLOSE}

    @extend_schema(
        operation_id="period_locks_release",
        summary="Open a closed period again",
        request=ReleaseIn,
        responses=PeriodLockOut,
    )
    @idempotent
    def post(self, request: Request, period_lock_id: str) -> HttpResponseBase:
        lock = get_period_lock(period_lock_id=ids.decode("lck", period_lock_id))
        reason = validated(ReleaseIn, request.data)["reason"]
        released = period_locks.release_period(period_lock_id=lock.id, reason=reason)
        return Response(PeriodLockOut(released).data)
