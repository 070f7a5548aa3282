"""A customer's account on a day, and its statement over a period."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from uuid import UUID

from invoicing.domain.account import FIGURES, Account, Horizon, Line, Statement
from invoicing.domain.document import ZERO
from invoicing.money import round_amount
from invoicing.selectors import receivables
from invoicing.selectors.parties import get_customer, members_of
from invoicing.selectors.receivables import OpenItemFilter
from invoicing.statements import receivables as statements
from invoicing.statements.receivables import Entry
from tenants.errors import DomainError, Kind
from tenants.scope import require_tenant_id

LONGEST_DAYS = 366


class BadPeriod(DomainError):
    """A statement is of a period that ends no earlier than it begins, and of 366 days at most."""

    kind, code = Kind.INVALID, "bad-period"


def account_of(
    *, customer_id: UUID, as_of: date | None = None, known_at: datetime | None = None
) -> tuple[Horizon, list[Account]]:
    """The account at the end of a day, by default today, by currency. Raises NotFound, DayInFuture, …

    With all that was merged into the customer, or it into, as far as was known: one account for both.
    """
    get_customer(customer_id=customer_id)
    at = receivables.horizon(as_of=as_of, known_at=known_at)
    customers = members_of(customer_id=customer_id, known_at=at.known_at)
    figures: dict[str, dict[str, Decimal]] = defaultdict(lambda: dict.fromkeys(FIGURES.values(), ZERO))
    for currency, kind, amount in statements.turnover(
        tenant_id=require_tenant_id(), customers=customers, as_of=at.as_of, known_at=at.known_at
    ):
        figures[currency][FIGURES[kind]] += amount
    open_sums = {
        row.currency: row for row in receivables.ageing(at=at, filters=OpenItemFilter(customer=customer_id))
    }
    return at, [
        _account(currency, moved, open_sums.get(currency)) for currency, moved in sorted(figures.items())
    ]


def statement_of(
    *,
    customer_id: UUID,
    first: date,
    last: date,
    known_at: datetime | None = None,
    currency: str | None = None,
) -> tuple[Horizon, list[Statement]]:
    """Opening balance, movements and closing balance from `first` to `last`, by currency.

    Raises NotFound, BadPeriod, DayInFuture, KnownInFuture.
    """
    get_customer(customer_id=customer_id)
    if not first <= last < first + timedelta(days=LONGEST_DAYS):
        raise BadPeriod(pointer="?to")
    at = receivables.horizon(as_of=last, known_at=known_at, named="to")
    tenant_id = require_tenant_id()
    customers = members_of(customer_id=customer_id, known_at=at.known_at)
    opening = statements.opening_balances(
        tenant_id=tenant_id, customers=customers, first=first, known_at=at.known_at
    )
    moved = statements.movements(
        tenant_id=tenant_id, customers=customers, first=first, last=last, known_at=at.known_at
    )
    by_currency = {code: list(rows) for code, rows in groupby(moved, key=lambda row: row.currency)}
    return at, [
        _statement(code, opening.get(code, ZERO), by_currency.get(code, []))
        for code in sorted(opening.keys() | by_currency.keys())
        if currency in (None, code)
    ]


def _account(currency: str, moved: dict[str, Decimal], left: receivables.Ageing | None) -> Account:
    def exact(amount: Decimal) -> Decimal:
        return round_amount(amount, currency)

    credit = ZERO if left is None else left.credit
    claims = ZERO if left is None else left.total - left.credit
    overdue = ZERO if left is None else claims - left.not_due
    return Account(
        currency=currency,
        **{name: exact(amount) for name, amount in moved.items()},
        balance=exact(sum(moved.values(), ZERO)),
        claims=exact(claims),
        credit=exact(credit),
        overdue=exact(overdue),
    )


def _statement(currency: str, opening: Decimal, moved: list[Entry]) -> Statement:
    balance = opening = round_amount(opening, currency)
    lines = []
    for entry in moved:
        balance += entry.amount
        lines.append(
            Line(
                entry.kind,
                entry.id,
                entry.number,
                entry.on,
                round_amount(entry.amount, currency),
                round_amount(balance, currency),
            )
        )
    return Statement(currency, opening, tuple(lines), round_amount(balance, currency))
