"""What a document needs to know before it can be written: parties, numbering, the tenant's calendar."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from invoicing.models import FROZEN_FIELDS


class Wanted(NamedTuple):
    """The choices of one document; None stands for the default."""

    customer: UUID
    legal_entity: UUID | None
    series: UUID | None
    document_type: str


class Setting(NamedTuple):
    """The answer to one `Wanted`, in its place.

    `customer`, `legal_entity` and `series` are None where there is no such row to be used; what
    stands behind them in the order below then means nothing. `seller` and `buyer` are JSON objects
    of the columns an issued document keeps.
    """

    customer: UUID | None
    customer_payment_days: int | None
    buyer: dict[str, Any]
    legal_entity: UUID | None
    tax_rounding: str
    payment_days: int
    seller: dict[str, Any]
    series: UUID | None
    pattern: str
    reset: str
    time_zone: str
    unknown_items: list[UUID] | None


def _frozen(alias: str, extra: Sequence[str] = ()) -> str:
    return ", ".join(f"'{name}', {alias}.{name}" for name in (*FROZEN_FIELDS, *extra))


# Arrays in sub-selects hide their length from the planner, which would else plan anew for every call; an
# inner LIMIT makes a customer or an item one look-up by key, however many there are and whatever is known
# of them.
_SETTINGS = f"""
SELECT c.id, c.payment_days, json_build_object({_frozen("c")}),
       e.id, e.tax_rounding, e.payment_days, json_build_object({_frozen("e", ("iban", "bic"))}),
       s.id, s.pattern, s.reset, t.time_zone,
       (SELECT array_agg(wanted_item) FROM unnest((SELECT %(items)s::uuid[])) AS wanted_item
        WHERE (SELECT i.id FROM invoicing_item i
               WHERE i.tenant_id = %(tenant)s AND i.id = wanted_item AND i.is_active LIMIT 1) IS NULL)
FROM unnest((SELECT %(customers)s::uuid[]), (SELECT %(entities)s::uuid[]), (SELECT %(series)s::uuid[]),
            (SELECT %(types)s::text[])) WITH ORDINALITY AS wanted (customer, entity, series, type, place)
JOIN tenants_tenant t ON t.id = %(tenant)s
LEFT JOIN LATERAL (
    SELECT * FROM invoicing_customer
    WHERE tenant_id = t.id AND id = wanted.customer AND is_active LIMIT 1
) c ON true
LEFT JOIN invoicing_legalentity e ON e.tenant_id = t.id AND e.is_active
     AND CASE WHEN wanted.entity IS NULL THEN e.is_default ELSE e.id = wanted.entity END
LEFT JOIN invoicing_series s ON s.tenant_id = t.id AND s.legal_entity_id = e.id AND s.is_active
     AND s.document_type = wanted.type
     AND CASE WHEN wanted.series IS NULL THEN s.is_default ELSE s.id = wanted.series END
ORDER BY wanted.place
"""


def settings_of(*, tenant_id: UUID, wanted: Sequence[Wanted], items: Sequence[UUID]) -> list[Setting]:
    """One statement for any number of documents; the answers are in the order of `wanted`."""
    with connection.cursor() as cursor:
        cursor.execute(
            _SETTINGS,
            {
                "tenant": tenant_id,
                "customers": [choice.customer for choice in wanted],
                "entities": [choice.legal_entity for choice in wanted],
                "series": [choice.series for choice in wanted],
                "types": [choice.document_type for choice in wanted],
                "items": list(items),
            },
        )
        return [Setting(*row) for row in cursor.fetchall()]
