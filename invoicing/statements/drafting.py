"""What a document needs to know before it can be written: parties, numbering, the tenant's calendar."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from django.db import connection

from invoicing.models import BUYER_FIELDS, SELLER_FIELDS


class Wanted(msgspec.Struct, frozen=True):
    """The choices of one document; None stands for the default."""

    customer: UUID
    legal_entity: UUID | None
    series: UUID | None
    document_type: str


class Setting(NamedTuple):
    """The answer to one `Wanted`, in its place.

    `customer`, `legal_entity` and `series` are None where there is no such row to be used; what else
    would come from that row then means nothing. `seller` and `buyer` are the columns that an issued
    document keeps, by name.
    """

    buyer: dict[str, Any]
    seller: dict[str, Any]
    customer: UUID | None
    customer_payment_days: int | None
    customer_due_rule: dict[str, Any] | None
    customer_is_limited: bool
    legal_entity: UUID | None
    tax_rounding: str
    cash_rounding: dict[str, str] | None
    payment_days: int
    base_currency: str
    base_rate_required: bool
    due_rule: dict[str, Any] | None
    series: UUID | None
    pattern: str
    reset: str
    time_zone: str
    unknown_items: list[UUID] | None


def _columns(alias: str, names: Sequence[str]) -> str:
    return ", ".join(f"{alias}.{name}" for name in names)


# An inner LIMIT makes a customer or an item one look-up by key, however many there are and whatever is
# known of them. The array in a sub-select hides its length from the planner, which would else plan anew.
_UNKNOWN_ITEMS = """
       (SELECT array_agg(wanted_item) FROM unnest((SELECT %(items)s::uuid[])) AS wanted_item
        WHERE (SELECT i.id FROM invoicing_item i
               WHERE i.tenant_id = %(tenant)s AND i.id = wanted_item AND i.is_active LIMIT 1) IS NULL)"""
_SETTINGS = f"""
SELECT {_columns("c", BUYER_FIELDS)}, {_columns("e", SELLER_FIELDS)},
       c.id, c.payment_days, c.due_rule, c.credit_limit IS NOT NULL, e.id, e.tax_rounding,
       e.cash_rounding, e.payment_days, e.currency, e.base_rate_required, e.due_rule,
       s.id, s.pattern, s.reset, t.time_zone, {{unknown_items}}
FROM ROWS FROM (json_to_recordset(%(wanted)s::json)
                AS (customer uuid, legal_entity uuid, series uuid, document_type text))
     WITH ORDINALITY AS wanted
JOIN tenants_tenant t ON t.id = %(tenant)s
LEFT JOIN LATERAL (
    SELECT * FROM invoicing_customer
    WHERE tenant_id = t.id AND id = wanted.customer AND is_active LIMIT 1
) c ON true
LEFT JOIN invoicing_legalentity e ON e.tenant_id = t.id AND e.is_active
     AND CASE WHEN wanted.legal_entity IS NULL THEN e.is_default ELSE e.id = wanted.legal_entity END
LEFT JOIN invoicing_series s ON s.tenant_id = t.id AND s.legal_entity_id = e.id AND s.is_active
     AND s.document_type = wanted.document_type
     AND CASE WHEN wanted.series IS NULL THEN s.is_default ELSE s.id = wanted.series END
ORDER BY wanted.ordinality
"""
_WITHOUT_ITEMS = _SETTINGS.format(unknown_items="NULL::uuid[]")
_WITH_ITEMS = _SETTINGS.format(unknown_items=_UNKNOWN_ITEMS)


def settings_of(*, tenant_id: UUID, wanted: Sequence[Wanted], items: Sequence[UUID]) -> list[Setting]:
    """One statement for any number of documents; the answers are in the order of `wanted`."""
    values: dict[str, Any] = {
        "tenant": tenant_id,
        "wanted": msgspec.json.encode(wanted).decode(),
        "items": list(items),
    }
    with connection.cursor() as cursor:
        cursor.execute(_WITH_ITEMS if items else _WITHOUT_ITEMS, values)
        return [_setting(row) for row in cursor.fetchall()]


def _setting(row: tuple[Any, ...]) -> Setting:
    buyer_end = len(BUYER_FIELDS)
    seller_end = buyer_end + len(SELLER_FIELDS)
    buyer = dict(zip(BUYER_FIELDS, row[:buyer_end], strict=True))
    buyer["delivery_address"] = _decoded(buyer["delivery_address"])
    setting = Setting(
        buyer,
        dict(zip(SELLER_FIELDS, row[buyer_end:seller_end], strict=True)),
        *row[seller_end:],
    )
    return setting._replace(
        customer_due_rule=_decoded(setting.customer_due_rule),
        due_rule=_decoded(setting.due_rule),
        cash_rounding=_decoded(setting.cash_rounding),
    )


def _decoded(value: Any) -> Any:
    """Django's cursors hand JSON over as text."""
    return None if value is None else msgspec.json.decode(value)
