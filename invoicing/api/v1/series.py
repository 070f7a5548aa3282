"""v1 of number series."""

from typing import ClassVar, Literal

from django.http.response import HttpResponseBase
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from invoicing import models
from invoicing.api.v1.master_data import Documented, RecordQuery, RecordSerializer, page, patched, stated
from invoicing.api.v1.references import LegalEntityId
from invoicing.domain.document import DocumentType
from invoicing.domain.numbering import Reset
from invoicing.selectors.series import get_series, list_series
from invoicing.services import series
from tenants import ids
from tenants.capabilities import CATALOGUE_READ, SETTINGS_MANAGE
from tenants.http.idempotency import idempotent
from tenants.http.query import parse_query
from tenants.http.serializers import (
    CleanCharField,
    PublicIdField,
    StrictBooleanField,
    StrictSerializer,
)
from tenants.http.versions import V1View


class SeriesPatchSerializer(StrictSerializer):
    """What can change; `pattern` and `reset` until the first number is drawn."""

    code = CleanCharField(max_length=20)
    pattern = CleanCharField(max_length=60)
    reset = serializers.ChoiceField(choices=[each.value for each in Reset], required=False, allow_null=True)
    is_default = StrictBooleanField(required=False, allow_null=True)


class SeriesSerializer(SeriesPatchSerializer, RecordSerializer):
    """A run of numbers of one legal entity (the default one if none is named) and type of document."""

    document_type = serializers.ChoiceField(choices=[each.value for each in DocumentType])
    legal_entity = PublicIdField("le", source="legal_entity_id", required=False, allow_null=True)


class SeriesQuery(RecordQuery, kw_only=True):
    """`q` is the beginning of the code."""

    ordering: Literal["code", "-code", "created_at", "-created_at"] = "code"
    legal_entity: LegalEntityId | None = None
    document_type: Literal["invoice", "credit_note"] | None = None


DOCUMENTED = Documented(
    "series", "a series", query=SeriesQuery, kind=SeriesSerializer, patch=SeriesPatchSerializer
)


class SeriesList(V1View):
    """The runs in which documents are numbered."""

    capability: ClassVar = {"GET": CATALOGUE_READ, "POST": SETTINGS_MANAGE}

    @DOCUMENTED.listing
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, SeriesQuery)
        rows = list_series(
            q=query.q,
            legal_entity=query.legal_entity,
            document_type=query.document_type,
            ordering=query.ordering,
            include_inactive=query.include_inactive,
        )
        return page(query, rows, SeriesSerializer)

    @DOCUMENTED.creation
    @idempotent
    def post(self, request: Request) -> HttpResponseBase:
        data = stated(request, SeriesSerializer)
        data["legal_entity"] = data.pop("legal_entity_id", None)
        run = series.create_series(**data)
        return Response(SeriesSerializer(run).data, status=201)


class SeriesDetail(V1View):
    """One series."""

    capability: ClassVar = {"GET": CATALOGUE_READ, "PATCH": SETTINGS_MANAGE, "DELETE": SETTINGS_MANAGE}

    @DOCUMENTED.reading
    def get(self, request: Request, series_id: str) -> HttpResponseBase:
        return Response(SeriesSerializer(_get(series_id)).data)

    @DOCUMENTED.change
    def patch(self, request: Request, series_id: str) -> HttpResponseBase:
        run = _get(series_id)
        changes = patched(request, SeriesPatchSerializer)
        changed = series.update_series(series_id=run.id, **changes)
        return Response(SeriesSerializer(changed).data)

    @DOCUMENTED.deactivation
    def delete(self, request: Request, series_id: str) -> HttpResponseBase:
        series.deactivate_series(series_id=ids.decode("ser", series_id))
        return Response(status=204)


class ReactivateSeries(V1View):
    """A series that was closed is opened again where it stopped."""

    capability: ClassVar = {"POST": SETTINGS_MANAGE}

    @DOCUMENTED.reactivation
    @idempotent
    def post(self, request: Request, series_id: str) -> HttpResponseBase:
        run = series.reactivate_series(series_id=ids.decode("ser", series_id))
        return Response(SeriesSerializer(run).data)


def _get(series_id: str) -> models.Series:
    return get_series(series_id=ids.decode("ser", series_id))
