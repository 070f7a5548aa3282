"""v2 of number series."""

from typing import Annotated, ClassVar, Literal

from invoicing import models
from invoicing.api.v2.invoice_in import LegalEntityId
from invoicing.api.v2.master_data import Json, RecordQuery, shown
from invoicing.api.v2.master_schema import Documented
from invoicing.api.v2.records import RecordDetail, RecordKind, RecordList, RecordReactivation
from invoicing.selectors.series import get_series, list_series
from invoicing.services import series
from tenants import ids
from tenants.capabilities import CATALOGUE_READ, SETTINGS_MANAGE
from tenants.http.values import Body, line

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


def _out(run: models.Series) -> Json:
    return shown(run, SeriesIn, legal_entity=ids.encode("le", run.legal_entity_id))


KIND = RecordKind(
    documented=DOCUMENTED,
    prefix="ser",
    name="series_id",
    find=get_series,
    list=list_series,
    create=series.create_series,
    update=series.update_series,
    deactivate=series.deactivate_series,
    reactivate=series.reactivate_series,
    out=_out,
)


class SeriesList(RecordList):
    """The runs in which documents are numbered."""

    kind: ClassVar = KIND
    capability: ClassVar = {"GET": CATALOGUE_READ, "POST": SETTINGS_MANAGE}


class SeriesDetail(RecordDetail):
    """One series."""

    kind: ClassVar = KIND
    capability: ClassVar = {"GET": CATALOGUE_READ, "PATCH": SETTINGS_MANAGE, "DELETE": SETTINGS_MANAGE}


class ReactivateSeries(RecordReactivation):
    """A series that was closed is opened again where it stopped."""

    kind: ClassVar = KIND
    capability: ClassVar = {"POST": SETTINGS_MANAGE}
