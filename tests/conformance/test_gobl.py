"""Invoices that GOBL computed, recomputed over HTTP: surcharge, IRPF, included tax, reverse charge."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from invoicing.models import Customer, LegalEntity
from tenants.models import Tenant
from tests.conformance.cases import CORPORA
from tests.conformance.envelopes import Envelope, Json, body_of, category_of, read_envelopes
from tests.conformance.verdicts import Verdict, judge
from tests.factories import ApiClient, client_of, make_member, make_tenant, scope_of
from tests.factories.invoicing import make_customer, make_legal_entity

ENVELOPES = list(read_envelopes(Path(CORPORA) / "gobl")) if CORPORA else []
WITH_LINES = [envelope for envelope in ENVELOPES if envelope.document.get("lines")]
pytestmark = pytest.mark.skipif(not CORPORA, reason="CORPORA_DIR names no folder of published documents")

each = pytest.mark.parametrize("envelope", ENVELOPES, ids=lambda envelope: envelope.name)
each_with_lines = pytest.mark.parametrize("envelope", WITH_LINES, ids=lambda envelope: envelope.name)


@dataclass
class Office:
    """A tenant that can be seller and buyer of any envelope, and a client of it in both versions."""

    tenant: Tenant
    client: ApiClient
    customer: Customer

    def post(self, version: str, path: str, body: Json) -> Any:
        return self.client.post(f"/api/{version}/invoices{path}", body)

    def get(self, path: str) -> Json:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.content
        body: Json = answer.json()
        return body

    def become(self, envelope: Envelope) -> None:
        """Seller and buyer have the country and the VAT id of the envelope's parties."""
        document = envelope.document
        with scope_of(self.tenant):
            for parties, party in (
                (LegalEntity.objects.all(), document["supplier"]),
                (Customer.objects.all(), document.get("customer", {})),
            ):
                tax_id = party.get("tax_id", {})
                country = {"EL": "GR"}.get(tax_id.get("country", ""), tax_id.get("country", ""))
                vat_id = tax_id.get("country", "") + tax_id["code"] if "code" in tax_id else ""
                parties.update(country=country or "ES", vat_id=vat_id)


@pytest.fixture(scope="module")
def office() -> Office:
    tenant = make_tenant("gobl")
    with scope_of(tenant):
        make_legal_entity()
        customer = make_customer()
    return Office(tenant, client_of(make_member(tenant)), customer)


Calculate = Callable[[str, Envelope], Json | str]


@pytest.fixture
def calculate(office: Office) -> Calculate:
    """What `calculate` answers, unwrapped from v1's envelope; the code of the first fault of a refusal."""

    def calculated(version: str, envelope: Envelope) -> Json | str:
        answer = office.post(version, "/calculate", body_of(envelope))
        body: Json = answer.json()
        if answer.status_code == 200:
            return body["data"] if version == "v1" else body
        assert answer.status_code == 400
        if version == "v1":
            assert list(body["fields"]) == ["lines"]
            return "required"
        code: str = body["errors"][0]["code"]
        return code

    return calculated


def expected(verdict: Verdict) -> bool:
    """Equal, or different in rows alone for a reason that the envelope itself gives."""
    return verdict.agrees or verdict.reason is not None


@each
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_every_published_figure_is_recomputed_or_the_envelope_says_why_not(
    version: str, envelope: Envelope, calculate: Calculate
) -> None:
    verdict = judge(envelope, calculate(version, envelope))
    assert expected(verdict), [str(difference) for difference in verdict.differences]


def test_the_corpus_is_there_and_nearly_all_of_it_agrees(calculate: Calculate) -> None:
    verdicts = [judge(envelope, calculate("v2", envelope)) for envelope in ENVELOPES]
    assert len(verdicts) >= 46
    assert sum(verdict.agrees for verdict in verdicts) >= 42
    shown = {mark for envelope in ENVELOPES for mark in envelope.retained}
    shown |= {"included" for envelope in ENVELOPES if envelope.includes_tax}
    assert {"IRPF", "included"} <= shown


@each_with_lines
def test_what_is_issued_and_read_back_has_the_same_figures(envelope: Envelope, office: Office) -> None:
    office.become(envelope)
    body = {**body_of(envelope), "customer": office.customer.public_id, "issue": True}
    made = office.post("v2", "", body)
    assert made.status_code == 201, made.content
    kept = office.get(made.headers["Location"])
    assert expected(judge(envelope, kept))
    in_v1 = office.get(f"/api/v1/invoices/{kept['id']}")["data"]
    assert expected(judge(envelope, in_v1))
    untaxed = {
        category_of(row)
        for category in envelope.categories
        for row in category["rates"]
        if not category.get("retained")
    } & {"AE", "K", "G", "O", "E"}
    assert untaxed <= {reason["category"] for reason in kept["exemptions"]}


def test_a_figure_that_differs_by_a_cent_is_found_and_has_no_reason(calculate: Calculate) -> None:
    envelope = next(one for one in ENVELOPES if one.retained)
    totals = {**envelope.totals, "retained_tax": "243.01"}
    wrong = Envelope(envelope.name, {**envelope.document, "totals": totals})
    verdict = judge(wrong, calculate("v2", wrong))
    assert [difference.name for difference in verdict.differences] == ["retained_tax"]
    assert not expected(verdict)
