"""Whatever way a row is changed, the change has exactly one entry (invariant 2)."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F

from invoicing.models import Item
from tenants.models import Tenant, User
from tests.audit.trail import an_item, as_owner, pending_of
from tests.factories import make_tenant, make_user, scope_of

Prices = list[tuple[str, str | None, str | None]]


@dataclass(frozen=True)
class Change:
    """What is done to two saved items at 10.00, and the entries it must give: (operation, old, new)."""

    name: str
    act: Callable[[Item, Item, Item], Any]
    entries: Prices


def _save(first: Item, _second: Item, _fresh: Item) -> None:
    first.unit_price = Decimal("12.50")
    first.save()


def _bulk_update(first: Item, second: Item, _fresh: Item) -> None:
    first.unit_price, second.unit_price = Decimal("0.10"), Decimal("0.200")
    Item.objects.bulk_update([first, second], ["unit_price"])


def _upsert(first: Item, _second: Item, fresh: Item) -> None:
    fresh.unit_price = Decimal("1.0")
    first.unit_price = Decimal("3.00")
    Item.objects.bulk_create(
        [fresh, first], update_conflicts=True, update_fields=["unit_price"], unique_fields=["tenant", "id"]
    )


def _raw(statement: str) -> Callable[[Item, Item, Item], None]:
    def act(first: Item, second: Item, fresh: Item) -> None:
        keys = {"first": first.id, "second": second.id, "fresh": fresh.id, "tenant": first.tenant_id}
        with connection.cursor() as cursor:
            cursor.execute(statement, keys)

    return act


_COPY = (
    "INSERT INTO invoicing_item SELECT (jsonb_populate_record(i, jsonb_build_object("
    "'id', %(fresh)s::text, 'code', %(fresh)s::text, 'unit_price', 4.0))).* FROM invoicing_item i"
    " WHERE id = %(first)s"
)

CHANGES = [
    Change("save", _save, [("update", "10.00", "12.50")]),
    Change("insert", lambda *items: items[2].save(), [("insert", None, "99.9900")]),
    Change(
        "update",
        lambda *items: Item.objects.filter(id__in=[items[0].id, items[1].id]).update(
            unit_price=F("unit_price") * 2
        ),
        [("update", "10.00", "20.00"), ("update", "10.00", "20.00")],
    ),
    Change("bulk_create", lambda *items: Item.objects.bulk_create([items[2]]), [("insert", None, "99.9900")]),
    Change("bulk_update", _bulk_update, [("update", "10.00", "0.10"), ("update", "10.00", "0.200")]),
    Change(
        "raw SQL",
        _raw("UPDATE invoicing_item SET unit_price = 1.10 WHERE id = %(first)s"),
        [("update", "10.00", "1.10")],
    ),
    Change("raw INSERT SELECT", _raw(_COPY), [("insert", None, "4.0")]),
    Change(
        "raw delete", _raw("DELETE FROM invoicing_item WHERE id = %(first)s"), [("delete", "10.00", None)]
    ),
    Change("upsert", _upsert, [("insert", None, "1.0"), ("update", "10.00", "3.00")]),
    Change(
        "upsert that does nothing",
        _raw(_COPY.replace("%(fresh)s", "%(second)s") + " ON CONFLICT DO NOTHING"),
        [],
    ),
    Change(
        "merge",
        _raw(
            "MERGE INTO invoicing_item i USING (SELECT id, unit_price FROM invoicing_item"
            " WHERE id IN (%(first)s, %(second)s)) s ON i.id = s.id"
            " WHEN MATCHED AND i.id = %(first)s THEN UPDATE SET unit_price = 7.70"
            " WHEN MATCHED THEN DELETE"
        ),
        [("delete", "10.00", None), ("update", "10.00", "7.70")],
    ),
    Change(
        "one statement that does three things",
        _raw(
            "WITH raised AS (UPDATE invoicing_item SET unit_price = 8.80 WHERE id = %(first)s RETURNING id),"
            f" gone AS (DELETE FROM invoicing_item WHERE id = %(second)s RETURNING id), made AS ({_COPY}"
            " RETURNING id) SELECT * FROM raised, gone, made"
        ),
        [("delete", "10.00", None), ("insert", None, "4.0"), ("update", "10.00", "8.80")],
    ),
    Change(
        "two updates in one statement",
        _raw(
            "WITH one AS (UPDATE invoicing_item SET unit_price = 1 WHERE id = %(first)s RETURNING id)"
            " UPDATE invoicing_item SET unit_price = 2 WHERE id = %(second)s"
        ),
        [("update", "10.00", "1"), ("update", "10.00", "2")],
    ),
    Change(
        "a change of digits only",
        _raw("UPDATE invoicing_item SET unit_price = 10.000 WHERE id = %(first)s"),
        [("update", "10.00", "10.000")],
    ),
    Change("an update that changes nothing", _raw("UPDATE invoicing_item SET name = name"), []),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_every_way_to_change_a_row_is_recorded_once(acme: Tenant, change: Change) -> None:
    with scope_of(acme, request_id="before"):
        items = [an_item(acme), an_item(acme), an_item(acme, "99.9900")]
        Item.objects.bulk_create(items[:2])
    with scope_of(acme, request_id="the change") as entered:
        change.act(*items)
    found = [entry for entry in pending_of(*(item.id for item in items)) if entry.request_id == "the change"]
    assert (
        sorted((entry.operation, _price(entry.old), _price(entry.new)) for entry in found) == change.entries
    )
    assert {entry.actor for entry in found} <= {entered.actor.label}
    assert {entry.tenant_id for entry in found} <= {acme.id}
    assert {entry.entity_type for entry in found} <= {"invoicing.item"}


def test_a_record_has_its_whole_history_in_order(acme: Tenant) -> None:
    with scope_of(acme):
        item = an_item(acme, "0")
        item.save()
        for price in range(1, 50):
            Item.objects.filter(id=item.id).update(unit_price=price)
    prices = [entry.new["unit_price"] for entry in pending_of(item.id)]
    assert prices == list(range(50))


def test_what_is_rolled_back_leaves_nothing(acme: Tenant) -> None:
    item, kept = an_item(acme), an_item(acme)
    with scope_of(acme):
        with transaction.atomic():
            item.save()
            transaction.set_rollback(True)
        with transaction.atomic():
            kept.save()
            with transaction.atomic():
                item.save(force_insert=True)
                Item.objects.filter(id=kept.id).update(unit_price=1)
                transaction.set_rollback(True)
    assert pending_of(item.id) == []
    assert [entry.operation for entry in pending_of(kept.id)] == ["insert"]


def test_a_changed_key_is_recorded_as_one_that_left_and_one_that_came(acme: Tenant) -> None:
    item, other = an_item(acme), an_item(acme)
    with scope_of(acme):
        item.save()
    as_owner("UPDATE invoicing_item SET id = %s WHERE id = %s", [other.id, item.id])
    assert [entry.operation for entry in pending_of(item.id)] == ["insert", "delete"]
    assert [entry.operation for entry in pending_of(other.id)] == ["insert"]


def test_an_actor_nobody_named_is_recorded_with_the_database_role(acme: Tenant) -> None:
    item = an_item(acme)
    with scope_of(acme):
        item.save()
    as_owner("UPDATE invoicing_item SET unit_price = 3 WHERE id = %s", [item.id])
    assert pending_of(item.id)[-1].actor == "system:unknown@owner"
    assert pending_of(item.id)[-1].tenant_id == acme.id


def test_times_are_recorded_in_utc_whatever_the_session_thinks(acme: Tenant) -> None:
    item = an_item(acme)
    with scope_of(acme), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL timezone = 'Asia/Kathmandu'")
        item.save()
    assert pending_of(item.id)[0].new["created_at"].endswith("+00:00")


def test_passwords_enter_as_digests_that_show_the_change_only() -> None:
    tenant = make_tenant()
    person, twin = make_user(tenant), make_user(tenant)
    with scope_of(tenant):
        User.objects.filter(id__in=[person.id, twin.id]).update(password="argon2$first")
        User.objects.filter(id=person.id).update(password="argon2$second")
        User.objects.filter(id=person.id).update(name="Grace")
    entries = pending_of(person.id)
    assert "argon2" not in "".join(f"{entry.old_text}{entry.new_text}" for entry in entries)
    digests = [entry.new["password"] for entry in entries]
    assert all(digest.startswith("redacted:") for digest in digests)
    assert len(set(digests)) == 3
    assert digests[-1] == digests[-2]
    assert pending_of(twin.id)[-1].new["password"] not in digests


def test_people_and_tenants_belong_to_the_chain_of_the_installation(acme: Tenant) -> None:
    person = make_user(acme)
    assert {entry.tenant_id for entry in pending_of(person.id, acme.id)} == {None}


def test_an_audited_table_cannot_be_emptied_behind_the_trail(acme: Tenant) -> None:
    with scope_of(acme):
        an_item(acme).save()
    with pytest.raises(Exception, match="is audited"):
        as_owner("TRUNCATE invoicing_item CASCADE")
    with scope_of(acme):
        assert Item.objects.count() == 1


def _price(values: dict[str, Any] | None) -> str | None:
    return None if values is None else str(values["unit_price"])
