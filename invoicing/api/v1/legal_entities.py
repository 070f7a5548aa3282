"""v1 of legal entities."""

from typing import Any, ClassVar, Literal

from rest_framework import serializers

from invoicing.api.v1.master_data import Documented, RecordQuery, optional_text
from invoicing.api.v1.parties import DueRuleSerializer, PartySerializer, with_terms
from invoicing.api.v1.records import RecordDetail, RecordKind, RecordList, RecordReactivation
from invoicing.domain.credit_limit import OverLimit
from invoicing.domain.rounding import TaxRounding
from invoicing.selectors.parties import get_legal_entity, list_legal_entities
from invoicing.services import legal_entities
from tenants.capabilities import CATALOGUE_READ, SETTINGS_MANAGE
from tenants.http.serializers import MoneyField, StrictBooleanField, StrictIntegerField
from tenants.http.values import CountryCode


class CashRoundingField(serializers.DictField):
    """By currency what amounts to pay are rounded to a multiple of; null takes a currency out."""

    child = MoneyField(allow_null=True)

    def to_representation(self, value: dict[str, str]) -> dict[str, str]:
        return dict(value)


class LegalEntitySerializer(PartySerializer):
    """A company of the tenant; its currency, tax rounding and payment days hold for its documents."""

    currency = optional_text(3)
    tax_rounding = serializers.ChoiceField(
        choices=[each.value for each in TaxRounding], required=False, allow_null=True
    )
    iban = optional_text(50)
    bic = optional_text(20)
    payment_days = StrictIntegerField(min_value=0, max_value=999, required=False, allow_null=True)
    base_rate_required = StrictBooleanField(required=False, allow_null=True)
    due_rule = DueRuleSerializer(required=False, allow_null=True)
    cash_rounding = CashRoundingField(required=False, allow_null=True)
    write_off_limit = MoneyField(required=False, allow_null=True)
    may_void = StrictBooleanField(required=False, allow_null=True)
    over_credit_limit = serializers.ChoiceField(
        choices=[each.value for each in OverLimit], required=False, allow_null=True
    )
    is_default = StrictBooleanField(required=False, allow_null=True)


class LegalEntityQuery(RecordQuery, kw_only=True):
    """`q` is the beginning of the name."""

    ordering: Literal["name", "-name", "created_at", "-created_at"] = "name"
    country: CountryCode | None = None


DOCUMENTED = Documented(
    "legal-entities",
    "a legal entity",
    query=LegalEntityQuery,
    kind=LegalEntitySerializer,
    creates="A default series for invoices and one for credit notes are made along with it.",
)


def _fields(data: dict[str, Any], entity: Any) -> dict[str, Any]:
    """A patch changes the members of payment terms and of cash rounding that it names."""
    if entity is None:
        return data
    return with_terms(with_terms(data, entity.due_rule), entity.cash_rounding, "cash_rounding")


KIND = RecordKind(
    documented=DOCUMENTED,
    prefix="le",
    name="legal_entity_id",
    find=get_legal_entity,
    list=list_legal_entities,
    create=legal_entities.create_legal_entity,
    update=legal_entities.update_legal_entity,
    deactivate=legal_entities.deactivate_legal_entity,
    reactivate=legal_entities.reactivate_legal_entity,
    fields=_fields,
)


class LegalEntities(RecordList):
    """The companies in whose name a tenant invoices."""

    kind: ClassVar = KIND
    capability: ClassVar = {"GET": CATALOGUE_READ, "POST": SETTINGS_MANAGE}


class LegalEntity(RecordDetail):
    """One legal entity."""

    kind: ClassVar = KIND
    capability: ClassVar = {"GET": CATALOGUE_READ, "PATCH": SETTINGS_MANAGE, "DELETE": SETTINGS_MANAGE}


class ReactivateLegalEntity(RecordReactivation):
    """A legal entity that was deactivated is taken into use again."""

    kind: ClassVar = KIND
    capability: ClassVar = {"POST": SETTINGS_MANAGE}
