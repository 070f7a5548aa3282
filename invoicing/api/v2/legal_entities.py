"""v2 of legal entities."""

from typing import Annotated, ClassVar, Literal

from invoicing import models
from invoicing.api.v2.master_data import Json, RecordQuery
from invoicing.api.v2.master_schema import Documented
from invoicing.api.v2.partner_in import partner_fields
from invoicing.api.v2.party_in import DueRuleIn, PartyIn, PaymentDays
from invoicing.api.v2.party_out import party_out
from invoicing.api.v2.records import RecordDetail, RecordKind, RecordList, RecordReactivation
from invoicing.selectors.parties import get_legal_entity, list_legal_entities
from invoicing.services import legal_entities
from tenants.capabilities import CATALOGUE_READ, SETTINGS_MANAGE
from tenants.http.values import Amount, CountryCode, CurrencyCode, line


class LegalEntityIn(PartyIn, kw_only=True):
    """A company of the tenant; its currency, tax rounding and payment days hold for its documents.

    `tax_rounding` is once per category and rate (EN 16931) or per line. The tenant's first company is
    its default; another one becomes it by saying so. The books are kept in `currency`: with
    `base_rate_required` nothing in another one is issued or received without an exchange rate. With
    `may_void` a document that has not left the house can be voided; without, it is cancelled by a credit
    note. Up to `write_off_limit` a document, in its currency, an editor may write off. An invoice that takes
    its customer over the credit limit is refused, or issued with a warning in the trail, as
    `over_credit_limit` says. `cash_rounding` has by currency what amounts to pay are rounded to a multiple
    of, such as 0.05 for CHF; null is off.
    """

    currency: CurrencyCode | None = None
    tax_rounding: Literal["category", "line"] | None = None
    iban: Annotated[str, line(50)] | None = None
    bic: Annotated[str, line(20)] | None = None
    payment_days: PaymentDays | None = None
    base_rate_required: bool | None = None
    due_rule: DueRuleIn | None = None
    cash_rounding: dict[CurrencyCode, Amount | None] | None = None
    write_off_limit: Amount | None = None
    may_void: bool | None = None
    over_credit_limit: Literal["refuse", "warn"] | None = None
    is_default: bool | None = None


class LegalEntityQuery(RecordQuery, kw_only=True):
    """`q` is the beginning of the name."""

    ordering: Literal["name", "-name", "created_at", "-created_at"] = "name"
    country: CountryCode | None = None


DOCUMENTED = Documented(
    many="legal-entities",
    one="a legal entity",
    query=LegalEntityQuery,
    new=LegalEntityIn,
    patch=LegalEntityIn,
    example={
        "name": "Acme GmbH",
        "country": "DE",
        "vat_id": "DE136695976",
        "address_line": "Torstraße 1",
        "postal_code": "10119",
        "city": "Berlin",
        "currency": "EUR",
        "iban": "DE89 3704 0044 0532 0130 00",
    },
    change_example={"tax_rounding": "line", "is_default": True},
    creates="A default series for invoices and one for credit notes are made along with it.",
)


def _out(entity: models.LegalEntity) -> Json:
    return party_out(entity, LegalEntityIn)


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
    out=_out,
    fields=partner_fields,
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
