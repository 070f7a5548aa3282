"""Closing waits for documents in flight, and documents wait for a closing in flight and then see it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError

from invoicing.domain.periods import PeriodClosed
from invoicing.models import Invoice
from invoicing.services import creating, issuing, voiding
from invoicing.services.period_locks import lock_period, release_period
from invoicing.statements import ledger as statements
from tenants.models import Tenant
from tests.factories import scope_of
from tests.factories.invoicing import a_draft
from tests.factories.ledger import days_ago
from tests.factories.threads import Crew, impatient, meanwhile

CLOSED = days_ago(30)
BUSY = 4


def issue(buyer: UUID) -> UUID:
    return creating.create_invoice(draft=a_draft(buyer, issue_date=CLOSED), issue=True).id


STEPS: dict[str, Callable[[UUID, UUID, UUID], Any]] = {
    "create and issue": lambda buyer, _, __: issue(buyer),
    "issue a draft": lambda _, draft, __: issuing.issue_invoice(invoice_id=draft),
    "void": lambda _, __, invoice: voiding.void_invoice(invoice_id=invoice, reason="never sent"),
}


@pytest.fixture
def documents(acme: Tenant, buyer: UUID) -> tuple[UUID, UUID]:
    """A draft and an issued invoice, both of the day that will be closed."""
    with scope_of(acme):
        return creating.create_invoice(draft=a_draft(buyer, issue_date=CLOSED)).id, issue(buyer)


@pytest.mark.parametrize("name", STEPS)
def test_closing_waits_for_whoever_issues_or_voids(
    acme: Tenant, buyer: UUID, documents: tuple[UUID, UUID], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "PATIENCE_SECONDS", 0.05)
    with (
        meanwhile(acme, lambda: STEPS[name](buyer, *documents)),
        pytest.raises(OperationalError, match="have not finished"),
        scope_of(acme),
    ):
        lock_period(closed_through=CLOSED)
    with scope_of(acme):
        lock_period(closed_through=CLOSED)


@pytest.mark.parametrize("name", STEPS)
def test_whoever_issues_or_voids_waits_for_a_closing(
    acme: Tenant, buyer: UUID, documents: tuple[UUID, UUID], name: str
) -> None:
    with (
        meanwhile(acme, lambda: lock_period(closed_through=CLOSED)),
        pytest.raises(OperationalError, match="lock timeout"),
        scope_of(acme),
        impatient(),
    ):
        STEPS[name](buyer, *documents)
    with scope_of(acme), pytest.raises(PeriodClosed):
        STEPS[name](buyer, *documents)


def test_two_who_issue_do_not_wait_for_each_other_at_the_lock(acme: Tenant, buyer: UUID) -> None:
    """Beyond their series, that is: here each has one of its own."""
    with scope_of(acme):
        drafts = [a_draft(buyer, issue_date=day) for day in (CLOSED, days_ago(400))]

    def hold() -> None:
        creating.create_invoice(draft=drafts[0], issue=True)

    with meanwhile(acme, hold), scope_of(acme), impatient():
        creating.create_invoice(draft=drafts[1], issue=True)


def test_no_document_of_a_closed_period_comes_after_its_closing(acme: Tenant, buyer: UUID) -> None:
    """Some issue and one closes at the same moment, again and again: nothing is both late and in."""

    def work(number: int) -> str:
        with scope_of(acme):
            if number == BUSY:
                lock = lock_period(closed_through=CLOSED)
                seen = Invoice.objects.filter(issue_date=CLOSED).count()
                release_after.append((lock.id, seen))
                return "closed"
            try:
                issue(buyer)
            except PeriodClosed:
                return "refused"
            return "issued"

    with Crew(BUSY + 1) as crew:
        for _ in range(10):
            release_after: list[tuple[UUID, int]] = []
            crew.all_do(work)
            ((lock_id, seen),) = release_after
            with scope_of(acme):
                assert Invoice.objects.filter(issue_date=CLOSED).count() == seen
                release_period(period_lock_id=lock_id, reason="next round")
