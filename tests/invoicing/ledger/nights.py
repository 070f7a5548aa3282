"""A night passes: a customer's books are a day older. Only the owner can say so, past all triggers."""

from uuid import UUID

from django.db import connections

_OF_CUSTOMER = "(SELECT id FROM {} WHERE customer_id = %(customer)s)"
_DOCUMENTS = _OF_CUSTOMER.format("invoicing_invoice")
_PAYMENTS = _OF_CUSTOMER.format("invoicing_payment")
_POSTED = ("effective_date", "recorded_at")
# Table: what dates it has, which rows are the customer's.
_BOOKS: dict[str, tuple[tuple[str, ...], str]] = {
    "invoicing_invoice": (
        ("issue_date", "due_date", "recorded_at", "reopened_on", "voided_on", "voided_at"),
        "customer_id = %(customer)s",
    ),
    "invoicing_payment": ((*_POSTED, "reopened_on"), "customer_id = %(customer)s"),
    "invoicing_allocation": (_POSTED, f"invoice_id IN {_DOCUMENTS}"),
    "invoicing_writeoff": (_POSTED, f"invoice_id IN {_DOCUMENTS}"),
    "invoicing_refund": (_POSTED, f"payment_id IN {_PAYMENTS} OR credit_note_id IN {_DOCUMENTS}"),
    "invoicing_reversal": (_POSTED, f"payment_id IN {_PAYMENTS} OR invoice_id IN {_DOCUMENTS}"),
}


def a_day_passes(customer: UUID) -> None:
    """Date everything of the customer's books back by one day."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("BEGIN")
        for table, (columns, which) in _BOOKS.items():
            earlier = ", ".join(f"{column} = {_earlier(column)}" for column in columns)
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(f"UPDATE {table} SET {earlier} WHERE {which}", {"customer": customer})
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("COMMIT")


def _earlier(column: str) -> str:
    return f"{column} - interval '1 day'" if column.endswith("_at") else f"{column} - 1"
