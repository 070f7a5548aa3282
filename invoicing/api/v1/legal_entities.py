"""v1 of legal entities."""

from typing import ClassVar, Literal

from django.http.response import HttpResponseBase
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from invoicing import models
from invoicing.api.v1.master_data import Documented, RecordQuery, optional_text, page, patched, stated
from invoicing.api.v1.parties import DueRuleSerializer, PartySerializer, with_terms
from invoicing.domain.credit_limit import OverLimit
from invoicing.domain.rounding import TaxRounding
from invoicing.selectors.parties import get_legal_entity, list_legal_entities
from invoicing.services import legal_entities
from tenants import ids
from tenants.capabilities import CATALOGUE_READ, SETTINGS_MANAGE
from tenants.http.idempotency import idempotent
from tenants.http.query import parse_query
from tenants.http.serializers import MoneyField, StrictBooleanField, StrictIntegerField
from tenants.http.values import CountryCode
from tenants.http.versions import V1View


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
    "legal-entities", "a legal entity", query=LegalEntityQuery, kind=LegalEntitySerializer
)


class LegalEntities(V1View):
    """The companies in whose name a tenant invoices."""

    capability: ClassVar = {"GET": CATALOGUE_READ, "POST": SETTINGS_MANAGE}

    @DOCUMENTED.listing
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, LegalEntityQuery)
        rows = list_legal_entities(
            q=query.q,
            country=query.country,
            ordering=query.ordering,
            include_inactive=query.include_inactive,
        )
        return page(query, rows, LegalEntitySerializer)

    @DOCUMENTED.creation
    @idempotent
    def post(self, request: Request) -> HttpResponseBase:
        """A default series for invoices and one for credit notes are made along with it."""
        entity = legal_entities.create_legal_entity(**stated(request, LegalEntitySerializer))
        return Response(LegalEntitySerializer(entity).data, status=201)


class LegalEntity(V1View):
    """One legal entity."""

    capability: ClassVar = {"GET": CATALOGUE_READ, "PATCH": SETTINGS_MANAGE, "DELETE": SETTINGS_MANAGE}

    @DOCUMENTED.reading
    def get(self, request: Request, legal_entity_id: str) -> HttpResponseBase:
        return Response(LegalEntitySerializer(_get(legal_entity_id)).data)

    @DOCUMENTED.change
    def patch(self, request: Request, legal_entity_id: str) -> HttpResponseBase:
        entity = _get(legal_entity_id)
        changes = with_terms(patched(request, LegalEntitySerializer), entity.due_rule)
        changes = with_terms(changes, entity.cash_rounding, "cash_rounding")
        changed = legal_entities.update_legal_entity(legal_entity_id=entity.id, **changes)
        return Response(LegalEntitySerializer(changed).data)

    @DOCUMENTED.deactivation
    def delete(self, request: Request, legal_entity_id: str) -> HttpResponseBase:
        legal_entities.deactivate_legal_entity(legal_entity_id=ids.decode("le", legal_entity_id))
        return Response(status=204)


class ReactivateLegalEntity(V1View):
    """A legal entity that was deactivated is taken into use again."""

    capability: ClassVar = {"POST": SETTINGS_MANAGE}

    @DOCUMENTED.reactivation
    @idempotent
    def post(self, request: Request, legal_entity_id: str) -> HttpResponseBase:
        entity = legal_entities.reactivate_legal_entity(legal_entity_id=ids.decode("le", legal_entity_id))
        return Response(LegalEntitySerializer(entity).data)


def _get(legal_entity_id: str) -> models.LegalEntity:
    return get_legal_entity(legal_entity_id=ids.decode("le", legal_entity_id))
