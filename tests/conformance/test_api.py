"""Published documents recomputed by the API: what a customer of ours would see."""

import pytest

from config.case_files import Json, differences, request_body
from tenants.models import Tenant
from tests.conformance.cases import CORPORA, load_cases
from tests.factories import ApiClient, client_of, make_member, make_tenant, scope_of
from tests.factories.invoicing import make_customer, make_legal_entity

CASES = load_cases()
pytestmark = pytest.mark.skipif(not CORPORA, reason="CORPORA_DIR names no folder of published documents")


def _calculate(client: ApiClient, case: Json) -> Json:
    answer = client.post("/api/v2/invoices/calculate", request_body(case))
    assert answer.status_code == 200, answer.content
    result: Json = answer.json()
    return result


def _nets(answer: Json) -> list[str]:
    return [line["net_amount"] for line in answer["lines"]]


@pytest.fixture(scope="module")
def answers() -> dict[str, list[str]]:
    """Every case through `calculate`, by its id: the figures in which it differs."""
    client = client_of(make_member(make_tenant("corpus")))
    return {
        case["case_id"]: [difference.name for difference in differences(case, _calculate(client, case))]
        for case in CASES
    }


def test_the_corpus_is_there() -> None:
    levels = [case["level"] for case in CASES]
    assert (levels.count("full"), levels.count("document"), levels.count("disagrees")) == (112, 17, 6)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case_id"])
def test_calculate_equals_what_was_published(case: Json, answers: dict[str, list[str]]) -> None:
    if case["level"] == "disagrees":
        assert answers[case["case_id"]], "a document that contradicts itself must differ somewhere"
    else:
        assert answers[case["case_id"]] == []


def test_what_is_drafted_has_the_totals_that_were_calculated(acme: Tenant, acme_client: ApiClient) -> None:
    with scope_of(acme):
        make_legal_entity()
        customer = make_customer().public_id
    for case in (case for case in CASES if case["level"] == "full"):
        calculated = _calculate(acme_client, case)
        drafted = acme_client.post("/api/v2/invoices", {**request_body(case), "customer": customer})
        assert drafted.status_code == 201, (case["case_id"], drafted.content)
        kept = acme_client.get(drafted.headers["Location"]).json()
        assert kept["totals"] == calculated["totals"], case["case_id"]
        assert _nets(kept) == _nets(calculated)
