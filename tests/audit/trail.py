"""Looks behind the curtain: both ends of the trail, read as their owner."""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connections

from invoicing.models import Item
from tenants.models import Tenant
from tests.factories import unique

_COLUMNS = (
    "tenant_id, entity_type, record_id, operation, old_values::text, new_values::text, actor, request_id,"
    " sequence, event_id"
)


@dataclass(frozen=True)
class Recorded:
    """A row of either table; values with exact decimals, and as the text they are stored as."""

    tenant_id: UUID | None
    entity_type: str
    record_id: str
    operation: str
    old_text: str | None
    new_text: str | None
    actor: str
    request_id: str
    sequence: int
    event_id: UUID

    @property
    def old(self) -> Any:
        return None if self.old_text is None else json.loads(self.old_text, parse_float=Decimal)

    @property
    def new(self) -> Any:
        return None if self.new_text is None else json.loads(self.new_text, parse_float=Decimal)


def pending_of(*record_ids: UUID | str) -> list[Recorded]:
    """Entries of these records that wait for delivery, in order."""
    return _read("owner", "audit_pendingentry", record_ids)


def delivered_of(*record_ids: UUID | str) -> list[Recorded]:
    """Entries of these records in the audit database, in order."""
    return _read("audit_owner", "audit_entry", record_ids)


def an_item(tenant: Tenant, price: str = "10.00", **columns: Any) -> Item:
    """An item that has not been saved."""
    values = {"name": "Hosting", "currency": "EUR", "tax_category": "S", **columns}
    return Item(tenant_id=tenant.id, code=unique("it"), unit_price=Decimal(price), **values)


def as_owner(statement: str, parameters: Any = (), *, alias: str = "owner") -> None:
    """Run one statement with the owner's rights, outside every scope's tenant."""
    with connections[alias].cursor() as cursor:
        cursor.execute(statement, parameters or None)


def _read(alias: str, table: str, record_ids: tuple[UUID | str, ...]) -> list[Recorded]:
    with connections[alias].cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM {table} WHERE record_id = ANY (%s) ORDER BY sequence",
            [[str(record_id) for record_id in record_ids]],
        )
        return [Recorded(*row) for row in cursor.fetchall()]
