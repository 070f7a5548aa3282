"""Real documents of many issuers: their published totals, recomputed from their lines."""

from typing import Any

import pytest

from config.case_files import differences, request_body
from invoicing.domain.explain import explain
from invoicing.domain.rounding import TaxRounding
from invoicing.domain.totals import compute
from tests.conformance.cases import CORPORA, answer_of, document_of, load_cases

CASES = load_cases()
AGREEING = [case for case in CASES if case["level"] in ("full", "document")]
DISAGREEING = [case for case in CASES if case["level"] == "disagrees"]

# The source's own list of what a contradictory document states wrongly, in our names.
NAMES = {
    "sum_lines": "totals.sum_of_lines",
    "tax_exclusive": "totals.tax_exclusive",
    "tax_total": "totals.tax_total",
    "tax_inclusive": "totals.tax_inclusive",
    "payable": "totals.payable",
}

pytestmark = pytest.mark.skipif(not CORPORA, reason="CORPORA_DIR is not set")


def _id(case: dict[str, Any]) -> str:
    return str(case["case_id"])


@pytest.mark.parametrize("case", AGREEING, ids=_id)
def test_a_published_document_is_recomputed_to_the_cent(case: dict[str, Any]) -> None:
    computed = compute(document_of(request_body(case)))
    assert differences(case, answer_of(computed)) == []


@pytest.mark.parametrize("case", DISAGREEING, ids=_id)
def test_a_contradictory_document_is_reported_with_the_total_that_differs(case: dict[str, Any]) -> None:
    computed = compute(document_of(request_body(case)))
    found = [difference.name for difference in differences(case, answer_of(computed))]
    known = {NAMES[name] for name, *_ in case["disagreement"]["totals"] if name in NAMES}
    assert known & set(found)


@pytest.mark.parametrize("tax_rounding", TaxRounding)
@pytest.mark.parametrize("case", AGREEING, ids=_id)
def test_every_amount_of_a_published_document_is_explained(
    case: dict[str, Any], tax_rounding: TaxRounding
) -> None:
    document = document_of(request_body(case))
    computed = compute(document, tax_rounding=tax_rounding)
    steps = {step.pointer: step.result for step in explain(document, computed)}
    answer = answer_of(computed)
    totals, breakdown = answer["totals"], answer["totals"].pop("breakdown")
    wanted = {f"/lines/{n}/net_amount": line["net_amount"] for n, line in enumerate(answer["lines"])}
    wanted |= {f"/totals/{name}": amount for name, amount in totals.items()}
    for n, row in enumerate(breakdown):
        wanted |= {f"/totals/breakdown/{n}/{name}": row[name] for name in ("taxable", "tax")}
    assert {pointer: steps.get(pointer) for pointer in wanted} == wanted


def test_the_corpus_is_complete() -> None:
    levels = [case["level"] for case in CASES]
    assert levels.count("full") >= 112
    assert levels.count("document") >= 17
    assert levels.count("disagrees") >= 6
