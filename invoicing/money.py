"""Money: exact amounts in a currency, and the only two ways a number here is ever rounded.

Sums, differences and products are exact: they run in a context of 1,000 digits that raises instead of
rounding. Amounts are rounded by `round_amount` or `round_quotient` alone, half-up away from zero, to
the exponent that ISO 4217 gives the currency.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from decimal import (
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
    localcontext,
)

from invoicing.currencies import EXPONENTS
from tenants.errors import DomainError, Kind

# Far above what any field admits, so that a product of several fields still fits; far below what hurts.
_DIGITS = 1000
_EXACT = Context(
    prec=_DIGITS, rounding=ROUND_HALF_UP, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow]
)
_ROUNDING = Context(prec=_DIGITS, rounding=ROUND_HALF_UP, traps=[InvalidOperation, DivisionByZero, Overflow])

_ONE, _TWO = Decimal(1), Decimal(2)
_STEPS = {code: Decimal(1).scaleb(-exponent) for code, exponent in EXPONENTS.items()}


class UnknownCurrency(DomainError):
    """The currency is not a current ISO 4217 code with minor units."""

    kind, code = Kind.INVALID, "unknown-currency"


class MixedCurrency(DomainError):
    """Amounts of different currencies cannot be added or compared."""

    kind, code = Kind.CONFLICT, "mixed-currency"


def exactly() -> AbstractContextManager[Context]:
    """Within it the Decimal operators are exact, or raise `decimal.Inexact` (over 1,000 digits)."""
    return localcontext(_EXACT)


def known_currency(code: str) -> bool:
    """Whether `code` is a current ISO 4217 code, in capitals, that amounts can be stated in."""
    return code in EXPONENTS


def exponent_of(currency: str) -> int:
    """Number of decimals of the currency's minor unit (ISO 4217). Raises UnknownCurrency."""
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise UnknownCurrency(f"{currency!r} is not a current ISO 4217 currency code.") from None


def step_of(currency: str) -> Decimal:
    """The smallest amount of the currency: 0.01 for EUR, 1 for JPY. Raises UnknownCurrency."""
    try:
        return _STEPS[currency]
    except KeyError:
        raise UnknownCurrency(f"{currency!r} is not a current ISO 4217 currency code.") from None


def round_amount(amount: Decimal, currency: str) -> Decimal:
    """`amount` in the currency's minor unit, half-up away from zero, never -0.

    Raises UnknownCurrency, and decimal.InvalidOperation for NaN, infinities and over 1,000 digits.
    """
    if not amount.is_finite():
        raise InvalidOperation("an amount is a finite number")
    rounded = amount.quantize(step_of(currency), context=_ROUNDING)
    return rounded if rounded else rounded.copy_abs()


def round_quotient(dividend: Decimal, divisor: Decimal, currency: str) -> Decimal:
    """`dividend / divisor`, rounded once as `round_amount` does; the quotient itself is never rounded.

    Works on the integer quotient and its remainder, because a quotient cut off at some digit before it
    is rounded can turn 0.00499… into a tie. Raises UnknownCurrency, and decimal.InvalidOperation or
    DivisionByZero for a divisor of zero.
    """
    if divisor == 1:
        return round_amount(dividend, currency)
    step = step_of(currency)
    unit = _EXACT.multiply(divisor.copy_abs(), step)
    whole, remainder = _EXACT.divmod(dividend.copy_abs(), unit)
    if _EXACT.multiply(remainder, _TWO) >= unit:
        whole = _EXACT.add(whole, _ONE)
    amount = _EXACT.multiply(whole, step)
    return amount.copy_negate() if amount and (dividend < 0) != (divisor < 0) else amount


def fits(amount: Decimal, currency: str) -> bool:
    """Whether the amount has no more significant decimals than the currency. Raises UnknownCurrency."""
    return amount == round_amount(amount, currency)


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in major units of a currency. It may carry more decimals than the currency has;
    `rounded()` says so when it must not.

    Equal when amount and currency are (1.0 EUR == 1.00 EUR). Sums and comparisons of two currencies
    raise MixedCurrency. Raises UnknownCurrency, TypeError for anything but a Decimal, ValueError for
    NaN and infinities.
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):
            raise TypeError(f"an amount is a Decimal, not {type(self.amount).__name__}")
        if not self.amount.is_finite():
            raise ValueError("an amount is a finite number")
        exponent_of(self.currency)

    @classmethod
    def zero(cls, currency: str) -> "Money":
        """Nothing, in the currency's own decimals."""
        return cls(0 * step_of(currency), currency)

    @classmethod
    def total(cls, amounts: Iterable["Money"], currency: str) -> "Money":
        """The sum of amounts that are all in `currency`; zero of none. Raises MixedCurrency."""
        return sum(amounts, cls.zero(currency))

    def rounded(self) -> "Money":
        """In the currency's minor unit, half-up away from zero."""
        return Money(round_amount(self.amount, self.currency), self.currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(_EXACT.add(self.amount, self._same(other)), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(_EXACT.subtract(self.amount, self._same(other)), self.currency)

    def __mul__(self, factor: Decimal | int) -> "Money":
        return Money(_EXACT.multiply(self.amount, Decimal(factor)), self.currency)

    __rmul__ = __mul__

    def __neg__(self) -> "Money":
        return Money(_EXACT.subtract(Decimal(0), self.amount), self.currency)

    def __abs__(self) -> "Money":
        return Money(self.amount.copy_abs(), self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.amount <= self._same(other)

    def __gt__(self, other: "Money") -> bool:
        return self.amount > self._same(other)

    def __ge__(self, other: "Money") -> bool:
        return self.amount >= self._same(other)

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"

    def _same(self, other: "Money") -> Decimal:
        if other.currency != self.currency:
            raise MixedCurrency(f"{self.currency} and {other.currency} cannot be added or compared.")
        return other.amount
