"""Credit notes seen from the rows alone: what an accountant would add up, in one statement."""

from typing import Any
from uuid import UUID

from django.db import connection

# Every amount of an invoice beside the sum of it over its issued credit notes.
_SUMS = """
WITH document AS (
    SELECT * FROM invoicing_invoice
    WHERE tenant_id = %(tenant)s AND state = 'issued'
          AND (%(invoice)s::uuid IS NULL OR id = %(invoice)s OR corrects_id = %(invoice)s)
), amount AS (
    SELECT coalesce(corrects_id, id) AS invoice, corrects_id IS NULL AS is_whole, name,
           value::numeric AS value
    FROM document, jsonb_each_text(jsonb_build_object(
        'sum_of_lines', sum_of_lines, 'allowance_total', allowance_total, 'charge_total', charge_total,
        'tax_exclusive', tax_exclusive, 'tax_total', tax_total, 'tax_inclusive', tax_inclusive,
        'prepaid_amount', prepaid_amount, 'rounding_amount', rounding_amount, 'payable', payable,
        'withheld_amount', withheld_amount)
    ) AS total (name, value)
    WHERE type = 'invoice' OR corrects_id IS NOT NULL
    UNION ALL
    SELECT coalesce(corrects_id, id), corrects_id IS NULL, part.name || ' ' || (row ->> 'category')
           || coalesce(row ->> 'rate', ''), (row ->> part.name)::numeric
    FROM document, jsonb_array_elements(tax_breakdown) AS row, (VALUES ('taxable'), ('tax')) AS part (name)
    WHERE type = 'invoice' OR corrects_id IS NOT NULL
    UNION ALL
    SELECT coalesce(corrects_id, id), corrects_id IS NULL,
           concat_ws(' ', part.name, row ->> 'kind', row ->> 'code', row ->> 'rate', row ->> 'vat_rate'),
           (row ->> part.name)::numeric
    FROM document, jsonb_array_elements(further_taxes) AS row,
         (VALUES ('taxable'), ('amount')) AS part (name)
    WHERE type = 'invoice' OR corrects_id IS NOT NULL
    UNION ALL
    SELECT coalesce(document.corrects_id, document.id), document.corrects_id IS NULL,
           'line ' || coalesce(line.corrects_id, line.id), line.net_amount
    FROM document JOIN invoicing_invoiceline AS line
         ON line.tenant_id = document.tenant_id AND line.invoice_id = document.id
    WHERE document.type = 'invoice' OR document.corrects_id IS NOT NULL
)
SELECT invoice, name, coalesce(sum(value) FILTER (WHERE is_whole), 0) AS whole,
       coalesce(sum(value) FILTER (WHERE NOT is_whole), 0) AS credited
FROM amount GROUP BY invoice, name
"""


def differences(tenant_id: UUID, invoice_id: UUID | None = None) -> list[tuple[Any, ...]]:
    """(invoice, name, whole, credited) of each amount that is not credited exactly."""
    return [row for row in _rows(tenant_id, invoice_id) if row[2] != row[3]]


def excesses(tenant_id: UUID, invoice_id: UUID | None = None) -> list[tuple[Any, ...]]:
    """The same of each line, tax row and total of which more is credited than there is."""
    guarded = ("tax_exclusive", "tax_inclusive", "taxable ", "tax ", "line ")
    return [
        row
        for row in _rows(tenant_id, invoice_id)
        if row[1].startswith(guarded) and not min(row[2], 0) <= row[3] <= max(row[2], 0)
    ]


def _rows(tenant_id: UUID, invoice_id: UUID | None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, {"tenant": tenant_id, "invoice": invoice_id})
        return list(cursor.fetchall())
