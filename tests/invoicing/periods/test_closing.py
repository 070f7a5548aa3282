"""Books that are closed take no document dated in them, and say which day is open."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from audit.models import PendingEntry
from invoicing.domain import periods
from invoicing.domain.credit_request import Asked, CreditKind
from invoicing.domain.periods import (
    AlreadyClosed,
    AlreadyReleased,
    DayNotOver,
    LaterLockInForce,
    PeriodClosed,
)
from invoicing.models import Invoice, LegalEntity, PeriodLock, SeriesCounter
from invoicing.selectors.period_locks import closed_through
from invoicing.services import creating, crediting, issuing, voiding
from invoicing.services.crediting import Credit
from invoicing.services.period_locks import lock_period, release_period
from tenants.errors import InvalidInput
from tenants.models import Tenant
from tests.factories import scope_of
from tests.factories.invoicing import a_draft, make_customer, make_legal_entity
from tests.factories.ledger import days_ago

CLOSED, OPEN = days_ago(30), days_ago(29)


def issued(buyer: UUID, day: date | None) -> UUID:
    return creating.create_invoice(draft=a_draft(buyer, issue_date=day), issue=True).id


def drafted(buyer: UUID, day: date | None) -> UUID:
    return creating.create_invoice(draft=a_draft(buyer, issue_date=day)).id


def credit(invoice: UUID, day: date, *, issue: bool) -> UUID:
    wanted = Credit(Asked(CreditKind.FULL), issue_date=day)
    return crediting.credit_invoice(invoice_id=invoice, credit=wanted, issue=issue).id


Step = Callable[[], Any]


def creation(buyer: UUID, day: date) -> Step:
    return lambda: issued(buyer, day)


def issue_of_a_draft(buyer: UUID, day: date) -> Step:
    draft = drafted(buyer, day)
    return lambda: issuing.issue_invoice(invoice_id=draft)


def correction(buyer: UUID, day: date) -> Step:
    invoice = issued(buyer, day)
    return lambda: credit(invoice, day, issue=True)


def issue_of_a_correction(buyer: UUID, day: date) -> Step:
    note = credit(issued(buyer, day), day, issue=False)
    return lambda: issuing.issue_invoice(invoice_id=note)


def void(buyer: UUID, day: date) -> Step:
    invoice = issued(buyer, day)
    return lambda: voiding.void_invoice(invoice_id=invoice, reason="never sent")


# Each makes what it needs and gives the one step that the lock shall refuse.
STEPS = {
    step.__name__: step for step in (creation, issue_of_a_draft, correction, issue_of_a_correction, void)
}


def standing() -> list[Any]:
    documents = Invoice.objects.order_by("id").values_list("id", "state", "number", "version")
    return [*documents, *SeriesCounter.objects.order_by("id").values_list("id", "last")]


@pytest.mark.parametrize("name", STEPS)
def test_a_document_dated_in_a_closed_period_is_refused(acme: Tenant, buyer: UUID, name: str) -> None:
    with scope_of(acme):
        step = STEPS[name](buyer, CLOSED)
        lock_period(closed_through=CLOSED)
        before = standing()
        with pytest.raises(PeriodClosed, match=OPEN.isoformat()) as refusal:
            step()
        assert refusal.value.extra == {"open_from": OPEN.isoformat()}
        assert standing() == before


@pytest.mark.parametrize("name", STEPS)
def test_the_first_open_day_takes_documents(acme: Tenant, buyer: UUID, name: str) -> None:
    with scope_of(acme):
        step = STEPS[name](buyer, OPEN)
        lock_period(closed_through=CLOSED)
        step()


def test_a_draft_may_be_dated_in_a_closed_period_and_takes_no_number(acme: Tenant, buyer: UUID) -> None:
    with scope_of(acme):
        lock_period(closed_through=CLOSED)
        draft = drafted(buyer, CLOSED)
        with pytest.raises(PeriodClosed):
            issuing.issue_invoice(invoice_id=draft)
        assert not SeriesCounter.objects.exists()


def test_the_books_of_another_legal_entity_stay_open(acme: Tenant, buyer: UUID) -> None:
    with scope_of(acme):
        other = make_legal_entity(name="Other")
        lock_period(closed_through=CLOSED, legal_entity_id=other.id)
        issued(buyer, CLOSED)
        with pytest.raises(PeriodClosed):
            creating.create_invoice(
                draft=a_draft(buyer, issue_date=CLOSED, legal_entity=other.id), issue=True
            )


def test_a_batch_with_one_late_document_is_refused_whole(acme: Tenant, buyer: UUID) -> None:
    with scope_of(acme):
        lock_period(closed_through=CLOSED)
        drafts = [a_draft(buyer, issue_date=day) for day in (OPEN, CLOSED)]
        with pytest.raises(PeriodClosed):
            creating.create_invoices(drafts=drafts, issue=True)
        assert not Invoice.objects.exists()


def test_whoever_writes_past_the_services_is_refused_too(acme: Tenant, buyer: UUID) -> None:
    with scope_of(acme):
        document = issued(buyer, CLOSED)
        lock_period(closed_through=CLOSED)
        with pytest.raises(IntegrityError, match="closed period"), transaction.atomic():
            Invoice.objects.filter(id=document).update(state="voided")


def test_a_lock_is_never_changed_behind_the_services_back(acme: Tenant, buyer: UUID) -> None:
    with scope_of(acme):
        lock = lock_period(closed_through=CLOSED)
        release_period(period_lock_id=lock_period(closed_through=OPEN).id, reason="late invoice")
        changes = ({"closed_through": days_ago(60)}, {"note": "else"})
        for change in changes:
            with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
                PeriodLock.objects.filter(id=lock.id).update(**change)
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            PeriodLock.objects.exclude(id=lock.id).update(released_at=None, release_reason="")
        with pytest.raises(PeriodClosed):
            issued(buyer, CLOSED)


def test_the_latest_lock_is_released_first_and_the_one_before_holds_again(
    acme: Tenant, buyer: UUID, seller: LegalEntity
) -> None:
    with scope_of(acme):
        first = lock_period(closed_through=days_ago(60))
        second = lock_period(closed_through=CLOSED)
        with pytest.raises(PeriodClosed):
            issued(buyer, CLOSED)
        with pytest.raises(LaterLockInForce):
            release_period(period_lock_id=first.id, reason="mistake")
        release_period(period_lock_id=second.id, reason="late invoice")
        issued(buyer, CLOSED)
        with pytest.raises(PeriodClosed):
            issued(buyer, days_ago(60))
        with pytest.raises(AlreadyReleased):
            release_period(period_lock_id=second.id, reason="again")
        release_period(period_lock_id=first.id, reason="late invoice")
        issued(buyer, days_ago(60))
        assert closed_through(legal_entity=seller.id) is None


@pytest.mark.usefixtures("seller")
def test_the_trail_says_who_opened_a_period_again_and_why(acme: Tenant) -> None:
    with scope_of(acme):
        lock = lock_period(closed_through=CLOSED, note="return filed")
        release_period(period_lock_id=lock.id, reason="a late invoice")
        for name, words in (("period.locked", "return filed"), ("period.released", "a late invoice")):
            (told,) = PendingEntry.objects.filter(operation=name, record_id=str(lock.id))
            assert words in str(told.new_values)
            assert told.actor.startswith("usr_")
            assert told.actor


@pytest.mark.usefixtures("seller")
def test_a_period_is_closed_forwards_and_only_when_it_is_over(acme: Tenant) -> None:
    with scope_of(acme):
        lock_period(closed_through=CLOSED)
        for day in (CLOSED, days_ago(31)):
            with pytest.raises(AlreadyClosed):
                lock_period(closed_through=day)
        with pytest.raises(DayNotOver):
            lock_period(closed_through=days_ago(-2))
        assert PeriodLock.objects.count() == 1


def test_today_is_not_over_and_yesterday_is() -> None:
    today = date(2026, 3, 1)
    with pytest.raises(DayNotOver):
        periods.ensure_can_close(today, before=None, today=today)
    periods.ensure_can_close(today - timedelta(days=1), before=None, today=today)


def test_a_foreign_legal_entity_looks_missing(acme: Tenant, globex: Tenant) -> None:
    with scope_of(globex):
        foreign = make_legal_entity()
        make_customer()
    with scope_of(acme), pytest.raises(InvalidInput):
        lock_period(closed_through=CLOSED, legal_entity_id=foreign.id)
    with scope_of(globex):
        assert closed_through(legal_entity=foreign.id) is None
