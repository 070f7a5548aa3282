"""The part of `make demo CASES=…`: published documents recomputed over HTTP, one line each."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from config.case_files import Json, differences, level_of, request_body

# The level of documents that are known to contradict themselves: they differ from any right computation.
CONTRADICTORY = "disagrees"
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one case: the figures that differ, or why the document was refused."""

    case_id: str
    level: str
    found: tuple[str, ...]

    @property
    def is_expected(self) -> bool:
        """Whether the outcome is the one the case's level foresees."""
        return not self.found or self.level == CONTRADICTORY

    def __str__(self) -> str:
        if not self.found:
            return "equal"
        word = "differs, as known" if self.is_expected else "DIFFERS"
        further = len(self.found) - _SHOWN
        shown = "; ".join(self.found[:_SHOWN]) + (f"; and {further} more" if further > 0 else "")
        return f"{word}: {shown}"


def judge(case: Json, calculate: Callable[[Json], tuple[int, Json]]) -> Verdict:
    """Recompute one case with `calculate`, which answers a body with status and JSON."""
    status, answer = calculate(request_body(case))
    if status == 200:
        found = tuple(str(difference) for difference in differences(case, answer))
    else:
        faults = [f"{fault['pointer']} {fault['code']}" for fault in answer.get("errors", ())]
        found = (f"refused with {status} {answer.get('code', '')}: {', '.join(faults)}",)
    return Verdict(case["case_id"], level_of(case), found)


def summary(verdicts: Sequence[Verdict]) -> list[str]:
    """One line per level: how many cases equal what was published."""
    levels = Counter(verdict.level for verdict in verdicts)
    equal = Counter(verdict.level for verdict in verdicts if not verdict.found)
    return [f"{level}: {equal[level]} of {count} equal" for level, count in sorted(levels.items())]
