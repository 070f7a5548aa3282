"""Documents and their lines written by one statement, whether one or a hundred of them."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from django.db import connection

from invoicing.domain.document import ZERO
from invoicing.domain.numbering import NumberShape


class DocumentRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One row of invoicing_invoice before it has a number; fields are named as the columns.

    `prefix`, `width` and `suffix` enclose the sequence that the statement draws. What most documents do not
    have is left out of what is sent: those columns take their defaults.
    """

    id: UUID
    legal_entity_id: UUID
    customer_id: UUID
    series_id: UUID
    type: str
    payment_state: str
    period: str
    prefix: str
    width: int
    suffix: str
    currency: str
    tax_currency: str | None
    tax_rounding: str
    issue_date: date | None
    due_date: date | None
    payment_terms: str
    sum_of_lines: Decimal
    allowance_total: Decimal
    charge_total: Decimal
    tax_exclusive: Decimal
    tax_total: Decimal
    tax_inclusive: Decimal
    prepaid_amount: Decimal
    rounding_amount: Decimal
    payable: Decimal
    allowances: list[Any]
    charges: list[Any]
    tax_breakdown: list[Any]
    seller: Any
    buyer: Any
    prices_include_tax: bool = False
    withheld_amount: Decimal = ZERO
    further_taxes: list[Any] | None = None
    exemptions: list[Any] | None = None
    metadata: dict[str, str] | None = None
    exchange: Any = None
    due_rule: dict[str, Any] | None = None
    cash_rounding: bool | None = None
    cash_step: Decimal | None = None


class LineRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One row of invoicing_invoiceline; what bears no further tax says nothing of it."""

    id: UUID
    invoice_id: UUID
    position: int
    item_id: UUID | None
    description: str
    quantity: Decimal
    unit_code: str
    unit_price: Decimal
    base_quantity: Decimal
    tax_category: str
    tax_rate: Decimal | None
    allowances: list[Any]
    charges: list[Any]
    net_amount: Decimal
    further_taxes: dict[str, Any] | None = None
    catalogue_rate_id: UUID | None = None


class Written(NamedTuple):
    """What the database decided about a document."""

    id: UUID
    number: str | None
    issued_at: datetime | None
    created_at: datetime


def _as_text(value: object) -> str:
    """Numbers and ids that carry the type of the body they came in."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} is no column")


_encoder = msgspec.json.Encoder(enc_hook=_as_text)


def _json(value: object) -> str:
    return _encoder.encode(value).decode()


_DOCUMENT_TYPES = """
    id uuid, legal_entity_id uuid, customer_id uuid, series_id uuid, type text,
    payment_state text, period text, prefix text, width int, suffix text, currency text,
    tax_currency text, tax_rounding text, issue_date date, due_date date, payment_terms text,
    sum_of_lines numeric, allowance_total numeric, charge_total numeric, tax_exclusive numeric,
    tax_total numeric, tax_inclusive numeric, prepaid_amount numeric, rounding_amount numeric,
    payable numeric, allowances jsonb, charges jsonb, tax_breakdown jsonb, seller jsonb, buyer jsonb,
    prices_include_tax boolean, withheld_amount numeric, further_taxes jsonb, exemptions jsonb,
    exchange jsonb{typed}"""

_LINE_TYPES = """
    id uuid, invoice_id uuid, position int, item_id uuid, description text, quantity numeric,
    unit_code text, unit_price numeric, base_quantity numeric, tax_category text, tax_rate numeric,
    allowances jsonb, charges jsonb, net_amount numeric, further_taxes jsonb{line_typed}"""

_INSERT_LINES = f"""
INSERT INTO invoicing_invoiceline
    (id, tenant_id, invoice_id, position, item_id, description, quantity, unit_code, unit_price,
     base_quantity, tax_category, tax_rate, allowances, charges, net_amount, further_taxes{{line_more}},
     created_at, updated_at)
SELECT id, %(tenant)s, invoice_id, position, item_id, description, quantity, unit_code, unit_price,
       base_quantity, tax_category, tax_rate, allowances, charges, net_amount, further_taxes{{line_more}},
       now(), now()
FROM json_to_recordset(%(lines)s::json) AS l ({_LINE_TYPES})
"""

# The counter's row lock is held from here to the commit, so a number is drawn by those alone who
# keep it. One draw takes as many numbers as a series needs; they are dealt out in the given order.
# Metadata, payment terms, cash rounding and rates that were named are written where any document has
# some: a column less is a column less on the hot path.
_WRITE = f"""
WITH document AS (
    SELECT d.*, row_number() OVER (PARTITION BY series_id, period ORDER BY ordinality) AS turn,
           count(*) OVER (PARTITION BY series_id, period) AS turns
    FROM ROWS FROM (json_to_recordset(%(documents)s::json) AS ({_DOCUMENT_TYPES}))
         WITH ORDINALITY AS d
),
drawn AS (
    INSERT INTO invoicing_seriescounter AS counter
        (id, tenant_id, series_id, period, last, created_at, updated_at)
    SELECT uuidv7(), %(tenant)s, series_id, period, count(*), now(), now()
    FROM document WHERE %(issue)s GROUP BY series_id, period ORDER BY series_id, period
    ON CONFLICT (tenant_id, series_id, period)
        DO UPDATE SET last = counter.last + excluded.last, updated_at = now()
    RETURNING series_id, period, last
),
numbered AS (
    SELECT document.*, drawn.last - turns + turn AS sequence
    FROM document LEFT JOIN drawn USING (series_id, period)
),
line AS (
{_INSERT_LINES})
INSERT INTO invoicing_invoice
    (id, tenant_id, legal_entity_id, customer_id, series_id, type, state, payment_state,
     period, sequence, number, issued_at, issue_date, due_date, payment_terms,
     currency, tax_currency, tax_rounding, sum_of_lines, allowance_total, charge_total, tax_exclusive,
     tax_total, tax_inclusive, prepaid_amount, rounding_amount, payable, allowances, charges,
     tax_breakdown, seller, buyer, prices_include_tax, withheld_amount, further_taxes, exemptions,
     exchange{{stated}},
     version, created_at, updated_at)
SELECT id, %(tenant)s, legal_entity_id, customer_id, series_id, type,
       CASE WHEN %(issue)s THEN 'issued' ELSE 'draft' END, payment_state,
       CASE WHEN %(issue)s THEN period END, sequence,
       prefix || lpad(sequence::text, greatest(width, length(sequence::text)), '0') || suffix,
       CASE WHEN %(issue)s THEN now() END, issue_date, due_date, payment_terms,
       currency, tax_currency, tax_rounding, sum_of_lines, allowance_total, charge_total, tax_exclusive,
       tax_total, tax_inclusive, prepaid_amount, rounding_amount, payable, allowances, charges,
       tax_breakdown, CASE WHEN %(issue)s THEN seller END, CASE WHEN %(issue)s THEN buyer END,
       coalesce(prices_include_tax, false), coalesce(withheld_amount, 0), further_taxes, exemptions,
       exchange{{chosen}},
       1, now(), now()
FROM numbered
RETURNING id, number, issued_at, created_at
"""
_LINES_PLAIN = {"line_typed": "", "line_more": ""}
_LINES_TAGGED = {"line_typed": ", catalogue_rate_id uuid", "line_more": ", catalogue_rate_id"}
_WRITE_PLAIN = _WRITE.format(typed="", stated="", chosen="", **_LINES_PLAIN)
_WRITE_TAGGED = _WRITE.format(
    typed=", metadata jsonb, due_rule jsonb, cash_rounding boolean, cash_step numeric",
    stated=", metadata, due_rule, cash_rounding, cash_step",
    chosen=", coalesce(metadata, '{}'::jsonb), due_rule, cash_rounding, cash_step",
    **_LINES_TAGGED,
)
_REPLACE_LINES = _INSERT_LINES.format(**_LINES_TAGGED)


def write_documents(
    *, tenant_id: UUID, documents: Sequence[DocumentRow], lines: Sequence[LineRow], issue: bool
) -> list[Written]:
    """Insert documents with their lines, as drafts or issued with the next numbers of their series.

    One statement and so one transaction where none is open. Numbers follow the order given.
    """
    tagged = any(map(_says_more, documents)) or any(line.catalogue_rate_id for line in lines)
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE_TAGGED if tagged else _WRITE_PLAIN,
            {
                "tenant": tenant_id,
                "documents": _json(documents),
                "lines": _json(lines),
                "issue": issue,
            },
        )
        return [Written(*row) for row in cursor.fetchall()]


def _says_more(document: DocumentRow) -> bool:
    return bool(
        document.metadata
        or document.due_rule
        or document.cash_step is not None
        or document.cash_rounding is not None
    )


_ISSUE = """
WITH drawn AS (
    INSERT INTO invoicing_seriescounter AS counter
        (id, tenant_id, series_id, period, last, created_at, updated_at)
    VALUES (uuidv7(), %(tenant)s, %(series)s, %(period)s, 1, now(), now())
    ON CONFLICT (tenant_id, series_id, period) DO UPDATE SET last = counter.last + 1, updated_at = now()
    RETURNING last
)
UPDATE invoicing_invoice
SET state = 'issued', payment_state = %(payment_state)s, period = %(period)s, sequence = drawn.last,
    number = %(prefix)s::text
             || lpad(drawn.last::text, greatest(%(width)s, length(drawn.last::text)), '0')
             || %(suffix)s::text,
    issued_at = now(), issue_date = %(issue_date)s, due_date = %(due_date)s, seller = %(seller)s::jsonb,
    buyer = %(buyer)s::jsonb, exemptions = %(exemptions)s::jsonb, due_rule = %(due_rule)s::jsonb,
    exchange = %(exchange)s::jsonb, version = version + 1, updated_at = now()
FROM drawn
WHERE tenant_id = %(tenant)s AND id = %(invoice)s AND state = 'draft'
"""


def issue_draft(
    *,
    tenant_id: UUID,
    invoice_id: UUID,
    series_id: UUID,
    period: str,
    shape: NumberShape,
    payment_state: str,
    issue_date: date | None,
    due_date: date | None,
    seller: dict[str, Any],
    buyer: dict[str, Any],
    exemptions: list[Any] | None = None,
    exchange: dict[str, Any] | None = None,
    due_rule: dict[str, Any] | None = None,
) -> None:
    """Number and freeze a draft that the caller has locked and found to be one."""
    with connection.cursor() as cursor:
        cursor.execute(
            _ISSUE,
            {
                "tenant": tenant_id,
                "invoice": invoice_id,
                "series": series_id,
                "period": period,
                "prefix": shape.prefix,
                "width": shape.width,
                "suffix": shape.suffix,
                "payment_state": payment_state,
                "issue_date": issue_date,
                "due_date": due_date,
                "seller": _json(seller),
                "buyer": _json(buyer),
                "exemptions": None if exemptions is None else _json(exemptions),
                "exchange": None if exchange is None else _json(exchange),
                "due_rule": None if due_rule is None else _json(due_rule),
            },
        )


def replace_lines(*, tenant_id: UUID, invoice_id: UUID, lines: Sequence[LineRow]) -> None:
    """The lines of a draft exchanged for others, which have ids of their own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM invoicing_invoiceline WHERE tenant_id = %s AND invoice_id = %s",
            [tenant_id, invoice_id],
        )
        cursor.execute(_REPLACE_LINES, {"tenant": tenant_id, "lines": _json(lines)})
