"""Items: the goods and services of the catalogue."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TypedDict, Unpack
from uuid import UUID

from django.db import transaction

from invoicing.domain import identifiers
from invoicing.domain.document import TaxKey
from invoicing.domain.tax import canonical, fault_of
from invoicing.models import Item, LegalEntity
from invoicing.services.master_data import lock, lock_active, missing, refusing, settle, store, switch
from tenants.errors import DomainError, FieldError, Kind
from tenants.scope import require_tenant_id


class CodeTaken(DomainError):
    """Another item, perhaps a deactivated one, has this code."""

    kind, code = Kind.CONFLICT, "code-taken"


class ItemFields(TypedDict, total=False):
    """What can be said of an item; `code`, `name`, `unit_price` and `tax` must be.

    `unit_price` is net, in major units of `currency`, with as many decimals as it needs.
    """

    code: str
    name: str
    unit_code: str | None
    unit_price: Decimal
    currency: str | None
    tax: TaxKey
    metadata: Mapping[str, str] | None


@transaction.atomic
def create_item(**fields: Unpack[ItemFields]) -> Item:
    """A new item; without a currency its price is in that of the tenant's default legal entity.

    Raises InvalidInput with every fault, CodeTaken.
    """
    if not fields.get("currency"):
        sellers = LegalEntity.objects.filter(is_default=True)
        fields["currency"] = sellers.values_list("currency", flat=True).first() or ""
    with refusing(invoicing_item_code=CodeTaken(pointer="/code")):
        return store(row=Item(tenant_id=require_tenant_id()), fields=_columns(fields), settled=_settle)


@transaction.atomic
def update_item(*, item_id: UUID, expected_version: int | None = None, **changes: Unpack[ItemFields]) -> Item:
    """Change what is named; lines that were written keep what they say.

    Raises NotFound, ChangedMeanwhile, Deactivated, InvalidInput, CodeTaken.
    """
    item = lock_active(model=Item, record_id=item_id, expected_version=expected_version)
    with refusing(invoicing_item_code=CodeTaken(pointer="/code")):
        return store(row=item, fields=_columns(changes), settled=_settle)


@transaction.atomic
def deactivate_item(*, item_id: UUID, expected_version: int | None = None) -> Item:
    """Take an item out of use: no new line names it, those that do stay readable.

    Without effect on an inactive one. Raises NotFound, ChangedMeanwhile.
    """
    return switch(row=lock(model=Item, record_id=item_id, expected_version=expected_version), is_active=False)


@transaction.atomic
def reactivate_item(*, item_id: UUID) -> Item:
    """Take an item into use again; without effect on an active one. Raises NotFound."""
    return switch(row=lock(model=Item, record_id=item_id), is_active=True)


def _columns(fields: ItemFields) -> dict[str, object]:
    columns: dict[str, object] = {name: value for name, value in fields.items() if name != "tax"}
    if "tax" in fields:
        columns["tax_category"], columns["tax_rate"] = fields["tax"].category, fields["tax"].rate
    return columns


def _settle(item: Item) -> None:
    faults = missing(row=item, names=["code", "name", "currency"])
    if item.unit_price is None or item.unit_price < 0:
        detail = "A price is not negative (EN 16931 BR-27)."
        faults.append(FieldError("/unit_price", "negative-price", detail))
    key = TaxKey(item.tax_category, item.tax_rate)
    fault = fault_of(key)
    if fault is not None:
        faults.append(FieldError(f"/tax/{fault.member}", fault.code, fault.detail))
    rules = {"unit_code": identifiers.checked_unit, "currency": identifiers.checked_currency}
    settle(row=item, rules=rules, faults=faults)
    item.tax_rate = canonical(key).rate
