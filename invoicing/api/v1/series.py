"""v1 of number series."""

from typing import ClassVar, Literal

from rest_framework import serializers

from invoicing.api.v1.master_data import Documented, RecordQuery, RecordSerializer
from invoicing.api.v1.records import RecordDetail, RecordKind, RecordList, RecordReactivation, references
from invoicing.api.v1.references import LegalEntityId
from invoicing.domain.document import DocumentType
from invoicing.domain.numbering import Reset
from invoicing.selectors.series import get_series, list_series
from invoicing.services import series
from tenants.capabilities import CATALOGUE_READ, SETTINGS_MANAGE
from tenants.http.serializers import (
    CleanCharField,
    PublicIdField,
    StrictBooleanField,
    StrictSerializer,
)


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
    fields=references("legal_entity"),
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
