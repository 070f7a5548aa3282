"""How v2 shows what customers owe: open items, accounts and statements."""

from datetime import date, datetime

import msgspec

from invoicing.api.v2.ledger_out import MoneyOut, money_out
from invoicing.domain.account import Account, Statement
from invoicing.selectors.receivables import Ageing, OpenItem
from tenants.ids import encode


class OpenItemOut(msgspec.Struct, rename={"on": "date"}):
    """`open` is what is left: claims above zero, credit below."""

    id: str
    type: str
    number: str | None
    customer: str
    legal_entity: str
    on: date
    due_date: date | None
    days_overdue: int
    total: MoneyOut
    open: MoneyOut


class AgeingOut(msgspec.Struct):
    currency: str
    not_due: str
    days_1_30: str
    days_31_60: str
    days_61_90: str
    over_90: str
    credit: str
    total: str


class ReceivablesOut(msgspec.Struct, kw_only=True):
    """Final: asked again, it answers the same."""

    as_of: date
    known_at: datetime
    is_final: bool
    totals: list[AgeingOut]
    data: list[OpenItemOut]
    next_cursor: str | None
    has_more: bool
    total: int | msgspec.UnsetType = msgspec.UNSET


class AccountOut(msgspec.Struct):
    """Signed figures: what is owed to us is above zero. `balance` = `claims` + `credit`."""

    currency: str
    invoiced: str
    credited: str
    received: str
    refunded: str
    returned: str
    written_off: str
    balance: str
    claims: str
    credit: str
    overdue: str


class CustomerAccountOut(msgspec.Struct):
    customer: str
    as_of: date
    known_at: datetime
    is_final: bool
    accounts: list[AccountOut]


class StatementLineOut(msgspec.Struct, rename={"on": "date"}):
    type: str
    id: str
    number: str | None
    on: date
    amount: MoneyOut
    balance: MoneyOut


class StatementOut(msgspec.Struct):
    currency: str
    opening: MoneyOut
    lines: list[StatementLineOut]
    closing: MoneyOut


class StatementsOut(msgspec.Struct, rename={"first": "from", "last": "to"}):
    customer: str
    first: date
    last: date
    known_at: datetime
    is_final: bool
    statements: list[StatementOut]


# What a movement of an account is called by its own id.
_PREFIXES = {
    "invoice": "inv",
    "credit_note": "inv",
    "invoice_void": "inv",
    "credit_note_void": "inv",
    "payment": "pay",
    "refund": "rfd",
    "return": "rvs",
    "chargeback": "rvs",
    "mistake": "rvs",
    "write_off": "wof",
    "write_off_reversal": "rvs",
}


def open_item_out(row: OpenItem) -> OpenItemOut:
    """A document or payment with something left."""
    return OpenItemOut(
        encode(_PREFIXES[row.kind], row.id),
        row.kind,
        row.number or None,
        encode("cus", row.customer),
        encode("le", row.legal_entity),
        row.on,
        row.due_date,
        row.overdue,
        money_out(row.total, row.currency),
        money_out(row.open, row.currency),
    )


def ageing_out(row: Ageing) -> AgeingOut:
    """All in one currency, so the amounts stand bare beside it."""
    return AgeingOut(row.currency, *(money_out(amount, row.currency).amount for amount in row[1:]))


def account_out(account: Account) -> AccountOut:
    """One currency of an account."""
    figures = (getattr(account, name) for name in AccountOut.__struct_fields__[1:])
    return AccountOut(account.currency, *(format(figure, "f") for figure in figures))


def statement_out(statement: Statement) -> StatementOut:
    """One currency of a statement."""
    code = statement.currency
    lines = [
        StatementLineOut(
            line.kind,
            encode(_PREFIXES[line.kind], line.id),
            line.number or None,
            line.on,
            money_out(line.amount, code),
            money_out(line.balance, code),
        )
        for line in statement.lines
    ]
    return StatementOut(code, money_out(statement.opening, code), lines, money_out(statement.closing, code))
