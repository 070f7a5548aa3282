"""v2 of number series."""

from typing import Annotated, ClassVar, Literal

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from invoicing import models
from invoicing.api.v2.invoice_in import LegalEntityId
from invoicing.api.v2.master_data import (
    Json,
    RecordQuery,
    answer,
    columns,
    created,
    expected_version,
    page,
    patched,
    shown,
)
from invoicing.api.v2.master_schema import Documented
from invoicing.selectors.series import get_series, list_series
from invoicing.services import series
from tenants import ids
from tenants.capabilities import CATALOGUE_READ, SETTINGS_MANAGE
from tenants.http.idempotency import idempotent
from tenants.http.parsing import parse_request
from tenants.http.query import parse_query
from tenants.http.values import Body, line
from tenants.http.versions import V2View

SeriesCode = Annotated[str, line(20)]
DocumentType = Literal["invoice", "credit_note"]


class SeriesPatch(Body, kw_only=True):
    """What can change; `pattern` and `reset` until the first number is drawn."""

    code: SeriesCode
    pattern: Annotated[str, line(60)]
    reset: Literal["never", "year", "quarter", "month"] | None = None
    is_default: bool | None = None


class SeriesIn(SeriesPatch, kw_only=True):
    """A run of numbers of one legal entity (the default one if none is named) and type of document.

    A pattern has `{number}` or `{number:05}` once, and the fields `{year}`, `{yy}`, `{quarter}` and
    `{month}` as often as it restarts.
    """

    document_type: DocumentType
    legal_entity: LegalEntityId | None = None


class SeriesQuery(RecordQuery, kw_only=True):
    """`q` is the beginning of the code."""

    ordering: Literal["code", "-code", "created_at", "-created_at"] = "code"
    legal_entity: LegalEntityId | None = None
    document_type: DocumentType | None = None


DOCUMENTED = Documented(
    many="series",
    one="a series",
    query=SeriesQuery,
    new=SeriesIn,
    patch=SeriesPatch,
    example={
        "document_type": "invoice",
        "code": "EXPORT",
        "pattern": "EX-{year}-{number:05}",
        "reset": "year",
    },
    change_example={"is_default": True},
)


class SeriesList(V2View):
    """The runs in which documents are numbered."""

    capability: ClassVar = {"GET": CATALOGUE_READ, "POST": SETTINGS_MANAGE}

    @extend_schema(**DOCUMENTED.listing)
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, SeriesQuery)
        rows = list_series(
            q=query.q,
            legal_entity=query.legal_entity,
            document_type=query.document_type,
            ordering=query.ordering,
            include_inactive=query.include_inactive,
        )
        return page(query, rows, _out)

    @extend_schema(**DOCUMENTED.creation)
    @idempotent
    def post(self, request: Request) -> HttpResponseBase:
        stated = parse_request(request, SeriesIn)
        return created(request, _out(series.create_series(**columns(stated))))


class SeriesDetail(V2View):
    """One series."""

    capability: ClassVar = {"GET": CATALOGUE_READ, "PATCH": SETTINGS_MANAGE, "DELETE": SETTINGS_MANAGE}

    @extend_schema(**DOCUMENTED.reading)
    def get(self, request: Request, series_id: str) -> HttpResponseBase:
        return answer(request, _out(_get(series_id)))

    @extend_schema(**DOCUMENTED.change)
    def patch(self, request: Request, series_id: str) -> HttpResponseBase:
        run = _get(series_id)
        version = expected_version(request, run)
        changes = patched(request, _out(run), SeriesPatch)
        changed = series.update_series(series_id=run.id, expected_version=version, **changes)
        return answer(request, _out(changed))

    @extend_schema(**DOCUMENTED.deactivation)
    def delete(self, request: Request, series_id: str) -> HttpResponseBase:
        run = _get(series_id)
        version = expected_version(request, run, optional=True)
        series.deactivate_series(series_id=run.id, expected_version=version)
        return Response(status=204)


class ReactivateSeries(V2View):
    """A series that was closed is opened again where it stopped."""

    capability: ClassVar = {"POST": SETTINGS_MANAGE}

    @extend_schema(**DOCUMENTED.reactivation)
    @idempotent
    def post(self, request: Request, series_id: str) -> HttpResponseBase:
        return answer(request, _out(series.reactivate_series(series_id=ids.decode("ser", series_id))))


def _get(series_id: str) -> models.Series:
    return get_series(series_id=ids.decode("ser", series_id))


def _out(run: models.Series) -> Json:
    return shown(run, SeriesIn, legal_entity=ids.encode("le", run.legal_entity_id))
