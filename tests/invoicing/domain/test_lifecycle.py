"""States, guards and due dates."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from invoicing.domain.lifecycle import (
    AlreadyIssued,
    AlreadyVoided,
    NotADraft,
    NotIssued,
    PaymentState,
    State,
    ensure_can_edit,
    ensure_can_issue,
    ensure_issued,
    is_overdue,
    payment_state,
)
from invoicing.domain.schedule import DueBeforeIssue, ensure_due_date

DAY = date(2026, 11, 20)


def test_only_a_draft_is_edited() -> None:
    ensure_can_edit(State.DRAFT)
    for state in (State.ISSUED, State.VOIDED):
        with pytest.raises(NotADraft):
            ensure_can_edit(state)


def test_a_document_is_issued_once() -> None:
    ensure_can_issue(State.DRAFT)
    with pytest.raises(AlreadyIssued):
        ensure_can_issue(State.ISSUED)
    with pytest.raises(AlreadyVoided):
        ensure_can_issue(State.VOIDED)


def test_only_an_issued_document_is_in_the_books() -> None:
    ensure_issued(State.ISSUED)
    with pytest.raises(NotIssued):
        ensure_issued(State.DRAFT)
    with pytest.raises(AlreadyVoided):
        ensure_issued(State.VOIDED)


@pytest.mark.parametrize(
    ("payable", "settled", "state"),
    [
        ("237.75", "0", PaymentState.UNPAID),
        ("237.75", "0.05", PaymentState.PARTIALLY_PAID),
        ("237.75", "237.75", PaymentState.PAID),
        ("237.75", "300", PaymentState.PAID),
        ("237.75", "-1", PaymentState.UNPAID),
        ("0", "0", PaymentState.PAID),
        ("-10", "0", PaymentState.UNPAID),
        ("-10", "-4", PaymentState.PARTIALLY_PAID),
        ("-10", "-10", PaymentState.PAID),
    ],
)
def test_the_payment_state_follows_from_what_was_settled(
    payable: str, settled: str, state: PaymentState
) -> None:
    assert payment_state(payable=Decimal(payable), settled=Decimal(settled)) is state


def test_overdue_begins_the_day_after_the_due_date() -> None:
    def overdue(state: State, payment: PaymentState, due: date | None) -> bool:
        return is_overdue(state=state, payment=payment, due_date=due, today=DAY)

    yesterday = DAY - timedelta(days=1)
    assert overdue(State.ISSUED, PaymentState.UNPAID, yesterday)
    assert overdue(State.ISSUED, PaymentState.PARTIALLY_PAID, yesterday)
    assert not overdue(State.ISSUED, PaymentState.UNPAID, DAY)
    assert not overdue(State.ISSUED, PaymentState.PAID, yesterday)
    assert not overdue(State.DRAFT, PaymentState.UNPAID, yesterday)
    assert not overdue(State.VOIDED, PaymentState.UNPAID, yesterday)
    assert not overdue(State.ISSUED, PaymentState.UNPAID, None)


def test_a_given_due_date_is_not_before_the_issue_date() -> None:
    ensure_due_date(DAY, None)
    ensure_due_date(DAY, DAY)
    with pytest.raises(DueBeforeIssue):
        ensure_due_date(DAY, DAY - timedelta(days=1))
