"""Documents for the tests of the domain: short spellings, and strategies for arbitrary ones."""

from decimal import Decimal

from hypothesis import strategies as st

from invoicing.domain.document import AllowanceCharge, DocumentInput, LineInput, TaxKey
from invoicing.domain.totals import TaxRow
from invoicing.money import exponent_of


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def tax(rate: str | None = "19", category: str = "S") -> TaxKey:
    return TaxKey(category, _number(rate))


def off(
    amount: str | None = None,
    *,
    percent: str | None = None,
    base: str | None = None,
    key: TaxKey | None = None,
) -> AllowanceCharge:
    """An allowance or a charge; `key` for those of the document."""
    return AllowanceCharge(_number(amount), _number(percent), _number(base), tax=key)


def line(
    quantity: str,
    price: str,
    key: TaxKey | None = None,
    *,
    per: str = "1",
    allowances: tuple[AllowanceCharge, ...] = (),
    charges: tuple[AllowanceCharge, ...] = (),
) -> LineInput:
    return LineInput(
        quantity=Decimal(quantity),
        unit_price=Decimal(price),
        tax=key or tax(),
        base_quantity=Decimal(per),
        allowances=allowances,
        charges=charges,
    )


def row(category: str, rate: str | None, taxable: str, amount: str) -> TaxRow:
    return TaxRow(category, _number(rate), Decimal(taxable), Decimal(amount))


RATES: dict[str, list[str | None]] = {
    "S": ["19", "19.00", "7", "5.5", "8.875"],
    "L": ["6.5"],
    "Z": ["0"],
    "AE": ["0.00"],
    "E": [None],
    "O": [None, "0"],
    "B": ["22"],
}
KEYS = st.sampled_from([tax(rate, category) for category, rates in RATES.items() for rate in rates])
CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD", "UYW", "HUF"])


@st.composite
def documents(draw: st.DrawFn) -> DocumentInput:
    """Any document that has totals: categories of every kind and any exponent."""
    currency = draw(CURRENCIES)
    places = exponent_of(currency)
    amounts = st.decimals(-(10**6), 10**6, places=places)
    percents = st.decimals(0, 100, places=4)

    def items(*, on_document: bool) -> st.SearchStrategy[tuple[AllowanceCharge, ...]]:
        keys = KEYS if on_document else st.none()
        given = st.builds(AllowanceCharge, amount=amounts, percent=st.none() | percents, tax=keys)
        shares = st.builds(AllowanceCharge, percent=percents, base_amount=st.none() | amounts, tax=keys)
        return st.lists(given | shares, max_size=3).map(tuple)

    lines = st.builds(
        LineInput,
        quantity=st.decimals(-(10**5), 10**5, places=6),
        unit_price=st.decimals(0, 10**6, places=10),
        tax=KEYS,
        base_quantity=st.sampled_from(
            [Decimal(text) for text in ("1", "1.000", "3", "7", "100", "366", "0.7")]
        ),
        allowances=items(on_document=False),
        charges=items(on_document=False),
    )
    return DocumentInput(
        currency=currency,
        lines=tuple(draw(st.lists(lines, min_size=1, max_size=6))),
        allowances=draw(items(on_document=True)),
        charges=draw(items(on_document=True)),
        prepaid_amount=draw(amounts),
        rounding_amount=draw(amounts),
    )
