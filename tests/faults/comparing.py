"""Compares the tables with the trail, record by record (invariant 2).

A record's entries must be one chain: it starts with the insert, each entry's old values are the new
values of the one before, and the last one's are the row as it stands. A missing, repeated or invented
entry breaks a chain.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from uuid import UUID

from django.db import connections, models

from audit.triggers import audited_models
from tenants.models import TenantModel

_ENTRIES = """
    SELECT entity_type, record_id, operation, old_values::text, new_values::text
    FROM audit_entry WHERE tenant_id = %s ORDER BY entity_type, record_id, sequence
"""
Key = tuple[str, str]
Entry = tuple[str, str | None, str | None]


def compare(tenant_id: UUID) -> Counter[str]:
    """Counts for one tenant: `rows` and `entries` for information, and what must be 0: `missing`,
    `duplicate`, `phantom`."""
    chains: defaultdict[Key, list[Entry]] = defaultdict(list)
    with connections["audit_owner"].cursor() as cursor:
        cursor.execute(_ENTRIES, [tenant_id])
        for entity_type, record_id, *entry in cursor:
            chains[entity_type, record_id].append((entry[0], entry[1], entry[2]))
    rows = {
        (model._meta.label_lower, record_id): values
        for model in audited_models()
        if issubclass(model, TenantModel)
        for record_id, values in _rows(model, tenant_id)
    }
    counts = Counter(rows=len(rows), entries=sum(map(len, chains.values())))
    for key in rows.keys() | chains.keys():
        counts.update(judge(chains.get(key, []), rows.get(key)))
    return counts


def judge(chain: list[Entry], row: str | None) -> Counter[str]:
    """The faults of one record: its entries (operation, old, new) in order against the row as it stands."""
    counts: Counter[str] = Counter()
    state: str | None = None
    for number, entry in enumerate(chain):
        if number and entry == chain[number - 1]:
            counts["duplicate"] += 1
        elif entry[1] != state:
            counts["missing"] += 1
        state = entry[2]
    if state != row:
        counts["phantom" if row is None or (chain and chain[-1][1] == row) else "missing"] += 1
    return counts


def _rows(model: type[models.Model], tenant_id: UUID) -> Iterator[tuple[str, str]]:
    with connections["owner"].cursor() as cursor:
        table = connections["owner"].ops.quote_name(model._meta.db_table)
        cursor.execute(f"SELECT id::text, to_jsonb(t)::text FROM {table} t WHERE tenant_id = %s", [tenant_id])
        yield from cursor.fetchall()
