"""Receivables in the currency of the books: at book value, and at the rate of the day asked for."""

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from invoicing.domain import exchange
from invoicing.domain.account import Horizon
from invoicing.domain.exchange import PIVOT, Rate
from invoicing.selectors import receivables
from invoicing.selectors.accounts import LONGEST_DAYS, BadPeriod
from invoicing.selectors.exchange_rates import recorded_quotes
from invoicing.selectors.receivables import OpenItemFilter
from invoicing.statements import base_currency as statements
from invoicing.statements.base_currency import Position, Realised
from tenants.scope import require_tenant_id


class Valued(NamedTuple):
    """A position, and where the tenant has recorded a rate what it is worth at that, in the base currency."""

    position: Position
    rate: Rate | None
    closing_value: Decimal | None


def positions(*, at: Horizon, filters: OpenItemFilter) -> list[Valued]:
    """What was open at the end of a day, by base currency and currency. Two statements.

    The closing value takes rates that the tenant had recorded by the moment the answer knows of, and no
    others: one that is recorded later, even for an earlier day, changes no answer that was given.
    """
    found = statements.positions(
        tenant_id=require_tenant_id(), as_of=at.as_of, known_at=at.known_at, filters=filters.values(at)
    )
    currencies = {PIVOT}.union(*((row.base, row.currency) for row in found))
    quotes = recorded_quotes(
        currencies=currencies, first=exchange.earliest(at.as_of), last=at.as_of, known_at=at.known_at
    )
    valued = []
    for row in found:
        total, rate = row.claims + row.credit, None
        if row.base == row.currency:
            valued.append(Valued(row, None, total))
            continue
        rate = exchange.rate_on(quotes, currency=row.currency, target=row.base, day=at.as_of)
        valued.append(Valued(row, rate, None if rate is None else rate.convert(total)))
    return valued


def realised(
    *, first: date, last: date, known_at: datetime | None = None, legal_entity: UUID | None = None
) -> tuple[Horizon, list[Realised]]:
    """What settlements from `first` to `last` gained and lost.

    Raises BadPeriod, DayInFuture, KnownInFuture.
    """
    if not 0 <= (last - first).days < LONGEST_DAYS:
        raise BadPeriod(pointer="?to")
    at = receivables.horizon(as_of=last, known_at=known_at, named="to")
    rows = statements.realised(
        tenant_id=require_tenant_id(), first=first, last=last, known_at=at.known_at, legal_entity=legal_entity
    )
    return at, rows
