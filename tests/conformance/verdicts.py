"""What became of an envelope: equal in every figure, or different for a reason that follows by rule."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from tests.conformance.envelopes import Envelope, Figures, Json, category_of, ours, published

WITHOUT_LINES = "required"


@dataclass(frozen=True)
class Difference:
    """One figure: what was published and what is ours, None where there is none."""

    name: str
    published: str | None
    ours: str | None

    def __str__(self) -> str:
        return f"{self.name} {self.published or 'none'}, ours {self.ours or 'none'}"


@dataclass(frozen=True)
class Verdict:
    """What became of an envelope; `refusal` is the code of a refused body, `reason` why it differs."""

    envelope: Envelope
    figures: int
    differences: list[Difference] = field(default_factory=list)
    refusal: str | None = None
    reason: str | None = None

    @property
    def agrees(self) -> bool:
        return not self.differences and self.refusal is None


def differences(envelope: Envelope, answer: Json) -> list[Difference]:
    """The figures in which an answer differs from what was published."""
    theirs, mine = published(envelope), ours(answer)
    names = [*theirs, *(name for name in mine if name not in theirs)]
    return [
        Difference(name, theirs.get(name), mine.get(name))
        for name in names
        if theirs.get(name) != mine.get(name)
    ]


def judge(envelope: Envelope, answer: Json | str) -> Verdict:
    """An envelope by an answer of the API, or by the code with which its body was refused."""
    figures = published(envelope)
    if isinstance(answer, str):
        reason = _no_line(envelope) if answer == WITHOUT_LINES else None
        return Verdict(envelope, len(figures), refusal=answer, reason=reason)
    found = differences(envelope, answer)
    return Verdict(envelope, len(figures), found, reason=_reason(envelope, figures, found) if found else None)


def is_of_a_row(difference: Difference) -> bool:
    """Whether it is a tax row that differs, and no line, allowance or total."""
    return difference.name.endswith((": base", ": amount"))


def _no_line(envelope: Envelope) -> str | None:
    if envelope.document.get("lines"):
        return None
    return "It has charges and no line; a document has at least one line (BR-16), ours is refused without."


def _reason(envelope: Envelope, figures: Figures, found: list[Difference]) -> str | None:
    """Why rows differ. A total, a line or an allowance that differs has no reason."""
    if not all(is_of_a_row(difference) for difference in found):
        return None
    rules: tuple[Callable[[Envelope, Figures], str | None], ...] = (_rows_astray, _rows_joined)
    return next((reason for rule in rules if (reason := rule(envelope, figures))), None)


def _rows_astray(envelope: Envelope, figures: Figures) -> str | None:
    """Rows that, added up, are another tax than the envelope's own total of their category."""
    for category in envelope.categories:
        summed = sum(Decimal(row["amount"]) for row in category["rates"])
        if summed != Decimal(category["amount"]):
            bases = sum(Decimal(row["base"]) for row in category["rates"])
            return (
                f"Its rows contradict its totals: they sum to {bases} and {summed} of tax, where it states "
                f"{figures['total']} and {category['amount']}. Each row was rounded on its own after the tax "
                "was taken out of the prices; ours add up. Every total agrees."
            )
    return None


def _rows_joined(envelope: Envelope, _: Figures) -> str | None:
    """Lines of a category that has no row, because rows without a percentage were made one."""
    stated = {
        category_of(tax)
        for line in envelope.document.get("lines", [])
        for tax in line.get("taxes", [])
        if tax["cat"] not in envelope.retained
    }
    rows = {category_of(row) for category in envelope.categories for row in category["rates"]}
    if missing := stated - rows:
        return (
            f"Lines of category {', '.join(sorted(missing))} have no row of their own: those without a "
            f"percentage were made one row, {', '.join(sorted(rows))}. EN 16931 has a row per category "
            "(BR-G-1, BR-O-1). Every total agrees."
        )
    return None
