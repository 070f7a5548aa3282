"""How v2 accounts for the totals of a document."""

from collections.abc import Iterable

import msgspec

from invoicing.domain.explain_step import Step


class StepOut(msgspec.Struct):
    term: str
    rule: str
    pointer: str
    formula: str
    inputs: dict[str, str]
    unrounded: str
    result: str


class ExplanationOut(msgspec.Struct):
    steps: list[StepOut]


def explanation_out(steps: Iterable[Step]) -> ExplanationOut:
    """The account of each total, in the order in which they are computed."""
    return ExplanationOut(
        [
            StepOut(
                step.term,
                step.rule,
                step.pointer,
                step.formula,
                dict(step.inputs),
                step.unrounded,
                step.result,
            )
            for step in steps
        ]
    )
