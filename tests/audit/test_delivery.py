"""Every entry arrives once, whatever is killed, however late its transaction commits."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import connections, transaction

from audit.models import PendingEntry
from audit.services import delivery
from audit.workflows import relay
from config.processes import wait_until
from invoicing.models import Item
from tenants.models import Tenant
from tests.audit.trail import an_item, as_owner, delivered_of, pending_of
from tests.factories import scope_of


def _change(tenant: Tenant, count: int = 25) -> list[UUID]:
    """Insert items and change each once: two entries a record."""
    items = [an_item(tenant, f"{number}.10") for number in range(count)]
    with scope_of(tenant):
        Item.objects.bulk_create(items)
        Item.objects.filter(id__in=[item.id for item in items]).update(name="Changed")
    return [item.id for item in items]


def test_what_was_written_is_what_arrives(acme: Tenant) -> None:
    with scope_of(acme, request_id="req-1"):
        item = an_item(
            acme, "1234567890123456789.123456789012345678900", name='Ünïcode "quoted" \\ {braces}, 日本'
        )
        item.save()
        Item.objects.filter(id=item.id).update(unit_price=Decimal("0.00"))
    waiting = pending_of(item.id)
    relay.drain()
    arrived = delivered_of(item.id)
    assert pending_of(item.id) == []
    assert [(e.event_id, e.sequence, e.actor, e.request_id, e.tenant_id) for e in arrived] == [
        (e.event_id, e.sequence, e.actor, e.request_id, e.tenant_id) for e in waiting
    ]
    assert [(e.old, e.new) for e in arrived] == [(e.old, e.new) for e in waiting]
    assert str(arrived[0].new["unit_price"]) == "1234567890123456789.123456789012345678900"
    assert str(arrived[1].new["unit_price"]) == "0.00"


def test_delivering_again_what_arrived_already_changes_nothing(acme: Tenant) -> None:
    (record,) = _change(acme, 1)
    waiting = pending_of(record)
    columns = ", ".join(str(field.column) for field in PendingEntry._meta.concrete_fields)
    as_owner("CREATE TEMP TABLE kept AS SELECT * FROM audit_pendingentry WHERE record_id = %s", [str(record)])
    relay.drain()
    as_owner(f"INSERT INTO audit_pendingentry ({columns}) SELECT {columns} FROM kept; DROP TABLE kept")
    assert pending_of(record) == waiting
    relay.drain()
    assert pending_of(record) == []
    assert [entry.event_id for entry in delivered_of(record)] == [entry.event_id for entry in waiting]


@pytest.mark.parametrize("point", ["claimed", "stored", "removed", "committed"])
def test_a_relay_killed_at_any_point_loses_and_repeats_nothing(acme: Tenant, point: str) -> None:
    records = _change(acme)
    waiting = {entry.event_id for entry in pending_of(*records)}
    done = subprocess.run([sys.executable, "-m", "tests.audit.mortal_relay", point], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    relay.drain()
    assert pending_of(*records) == []
    arrived = [entry.event_id for entry in delivered_of(*records)]
    assert len(arrived) == len(set(arrived)) == len(waiting)
    assert set(arrived) == waiting


def test_a_relay_told_to_stop_ends_cleanly(acme: Tenant) -> None:
    process = subprocess.Popen([sys.executable, "-m", "tests.audit.mortal_relay"])
    records = _change(acme)
    assert wait_until(lambda: pending_of(*records) == [], 30)
    process.terminate()
    assert process.wait(timeout=30) == 0
    assert len(delivered_of(*records)) == 50


def test_a_transaction_that_commits_late_is_not_overtaken_for_good(acme: Tenant) -> None:
    late, early = an_item(acme), an_item(acme)
    with scope_of(acme), transaction.atomic():
        late.save()
        with ThreadPoolExecutor(1) as other:
            other.submit(_save_in_thread, acme, early).result()
        relay.drain()
        assert [entry.operation for entry in delivered_of(early.id)] == ["insert"]
        assert delivered_of(late.id) == []
    (first,), (second,) = pending_of(late.id), delivered_of(early.id)
    assert first.sequence < second.sequence
    relay.drain()
    assert [entry.operation for entry in delivered_of(late.id)] == ["insert"]


def test_two_relays_share_the_work(acme: Tenant) -> None:
    """While one holds a batch, the other delivers the rest."""
    records = _change(acme, 40)
    relay.drain()
    records = _change(acme, 40)
    holding, finished = threading.Event(), threading.Event()

    def hold(step: str) -> None:
        if step == "stored":
            holding.set()
            assert finished.wait(30)

    with ThreadPoolExecutor(1) as other:
        slow = other.submit(_in_thread, lambda: delivery.deliver_batch(entries=30, reached=hold))
        assert holding.wait(30)
        assert delivery.deliver_batch(entries=1000) == 50
        finished.set()
        assert slow.result() == 30
    assert pending_of(*records) == []
    arrived = [entry.event_id for entry in delivered_of(*records)]
    assert len(arrived) == len(set(arrived)) == 80


def test_a_batch_is_bounded_in_bytes_but_never_empty(acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    relay.drain()
    records = _change(acme, 3)
    monkeypatch.setattr(delivery, "BATCH_BYTES", 10)
    assert [delivery.deliver_batch() for _ in range(7)] == [1, 1, 1, 1, 1, 1, 0]
    assert len(delivered_of(*records)) == 6


def _save_in_thread(tenant: Tenant, item: Item) -> None:
    def save() -> int:
        with scope_of(tenant):
            item.save()
        return 1

    _in_thread(save)


def _in_thread(work: Callable[[], int]) -> int:
    try:
        return work()
    finally:
        connections.close_all()
