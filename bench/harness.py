"""Contenders that take turns, and what their figures are worth.

A shared machine drifts, so no time stands alone: the contenders of a benchmark take turns in every
round, each round starts with another one, a turn counts as its median call, a ratio is taken within a
round, and what is reported is the median over the rounds. A contender is checked before it is timed.
"""

import gc
import statistics
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Literal

OURS = "ours"


class WrongResult(Exception):
    """A contender does not do what it is measured for: nothing is timed."""


def expect(actual: object, expected: object, what: str) -> None:
    """Raises WrongResult unless the two are equal."""
    if actual != expected:
        raise WrongResult(f"{what}: {actual!r} instead of {expected!r}")


@dataclass(frozen=True, slots=True)
class Options:
    """How long to measure. `scale` shrinks the data; a turn lasts about `turn_seconds`."""

    rounds: int = 15
    turn_seconds: float = 0.25
    scale: float = 1.0

    @classmethod
    def quick(cls) -> "Options":
        """Long enough to see that everything runs, far too short for figures."""
        return cls(rounds=1, turn_seconds=0.0, scale=0.02)

    def with_rounds(self, rounds: int) -> "Options":
        return replace(self, rounds=rounds)


@dataclass(frozen=True, slots=True)
class Contender:
    """Somebody who does the work: `call` does one unit of it.

    `around` encloses a turn, untimed: the scope to be in, a wait for the relay, a VACUUM. `most_calls`
    bounds a turn where each call leaves much behind.
    """

    name: str
    call: Callable[[], object]
    around: Callable[[], AbstractContextManager[object]] = nullcontext
    most_calls: int = 10_000


@dataclass(frozen=True, slots=True)
class Goal:
    """`ours` at most `factor` × `against`, or `against` at least `factor` × ours."""

    against: str
    kind: Literal["at most", "at least"]
    factor: float

    def text(self) -> str:
        sign = "≤" if self.kind == "at most" else "≥"
        return f"{sign} {self.factor:g} × {self.against}" + (" in speed" if self.kind == "at least" else "")


@dataclass(frozen=True, slots=True)
class Verdict:
    """A goal and the measured ratio; `low` and `high` are its quartiles over the rounds."""

    goal: Goal
    ratio: float
    low: float
    high: float

    @property
    def is_met(self) -> bool:
        if self.goal.kind == "at most":
            return self.ratio <= self.goal.factor
        return self.ratio >= self.goal.factor


@dataclass(frozen=True, slots=True)
class Trial:
    """A benchmark ready to be timed: its contenders have been checked.

    `facts` are figures that do not depend on the clock, such as counted statements.
    """

    contenders: list[Contender]
    goals: list[Goal]
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measured:
    """What came out: median milliseconds a call by contender, and the verdicts."""

    name: str
    rounds: int
    milliseconds: dict[str, float]
    verdicts: list[Verdict]
    facts: dict[str, str]


def measure(name: str, trial: Trial, options: Options) -> Measured:
    """Time the contenders in alternating turns."""
    calls = {one.name: _calls_for(one, options) for one in trial.contenders}
    times: dict[str, list[float]] = {one.name: [] for one in trial.contenders}
    for number in range(options.rounds):
        first = number % len(trial.contenders)
        for contender in trial.contenders[first:] + trial.contenders[:first]:
            times[contender.name].append(_turn(contender, calls[contender.name]))
    return Measured(
        name=name,
        rounds=options.rounds,
        milliseconds={who: statistics.median(seconds) * 1000 for who, seconds in times.items()},
        verdicts=[_verdict(goal, times) for goal in trial.goals],
        facts=trial.facts,
    )


def _calls_for(contender: Contender, options: Options) -> int:
    """How many calls fill a turn, judged by a turn of a few that also warms up."""
    once = _turn(contender, min(3, contender.most_calls))
    return max(1, min(contender.most_calls, round(options.turn_seconds / once)))


def _turn(contender: Contender, calls: int) -> float:
    """Seconds a call, the median of one turn."""
    spent = []
    with contender.around(), _settled():
        for _ in range(calls):
            started = perf_counter()
            contender.call()
            spent.append(perf_counter() - started)
    return statistics.median(spent)


@contextmanager
def _settled() -> Iterator[None]:
    """Each turn pays for its own garbage only; the collector stays on, as in production."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _verdict(goal: Goal, times: dict[str, list[float]]) -> Verdict:
    pairs = zip(times[OURS], times[goal.against], strict=True)
    ratios = [ours / theirs if goal.kind == "at most" else theirs / ours for ours, theirs in pairs]
    low, middle, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
    return Verdict(goal, middle, low, high)
