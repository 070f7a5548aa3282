"""The computed envelopes of GOBL against our totals, figure by figure (`make gobl CORPORA_DIR=folder`).

    python -m tests.conformance.gobl              judge those below CORPORA_DIR/gobl, print
    python -m tests.conformance.gobl --write      and write docs/proofs/gobl.md

Each envelope goes through v2's own parser and renderer as a body of `invoices/calculate`; the suite sends the
same bodies over HTTP in both versions (`test_gobl.py`). An envelope agrees when every published amount is
equal to ours, decimals included. One that does not has to have a reason that follows from the envelope by
rule; one without a reason ends the run with exit code 1.
"""

import argparse
import json
import os
import sys
from pathlib import Path

import django
import msgspec

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from invoicing.api.v2.invoice_in import CalculationIn  # noqa: E402
from invoicing.api.v2.invoice_out import calculation_out  # noqa: E402
from invoicing.domain.totals import compute  # noqa: E402
from invoicing.selectors.calculations import Calculated  # noqa: E402
from tenants.errors import InvalidInput  # noqa: E402
from tenants.http.parsing import parse_body  # noqa: E402
from tests.conformance.envelopes import Envelope, Json, body_of, read_envelopes  # noqa: E402
from tests.conformance.verdicts import Verdict, is_of_a_row, judge  # noqa: E402

REPOSITORY = Path(__file__).resolve().parents[2]
PROOF = REPOSITORY / "docs" / "proofs" / "gobl.md"


def calculated(envelope: Envelope) -> Json | str:
    """What v2 answers to an envelope's body, without a database; the first code of a refusal."""
    try:
        body = parse_body(json.dumps(body_of(envelope)).encode(), CalculationIn)
        document = body.document()
        result = Calculated(document, compute(document), (), body.due_date)
    except InvalidInput as refusal:
        return refusal.errors[0].code
    lines = [line.stated() for line in body.lines]
    answer: Json = msgspec.to_builtins(calculation_out(document, lines, result))
    return answer


def report(verdicts: list[Verdict]) -> str:
    """The kept result."""
    agreeing = [verdict for verdict in verdicts if verdict.agrees]
    figures = sum(verdict.figures for verdict in verdicts if verdict.refusal is None)
    differing = sum(len(verdict.differences) for verdict in verdicts)
    totals = sum(not is_of_a_row(each) for verdict in verdicts for each in verdict.differences)
    lines = [
        "# GOBL's computed invoices, recomputed",
        "",
        "`make gobl` makes this page. Each envelope is one invoice that another implementation computed",
        "(invopop/gobl, Apache-2.0): its lines, advances and taxes go through v2's parser as the body of",
        "`invoices/calculate`, and every amount it publishes (lines, discounts, charges, totals, base and",
        "amount of each tax row) is compared with ours as text. The suite sends the same bodies over HTTP in",
        "both versions, issues them and reads them back. The rules of translation are in",
        "`tests/conformance/envelopes.py`; there is none for a single case.",
        "",
        f"**{len(agreeing)} of {len(verdicts)} envelopes agree** in every figure. Of {figures} published",
        f"figures that could be compared {differing} differ, {totals} of them a line or a total.",
        "",
        "| envelope | shows | figures | agrees |",
        "|---|---|---|---|",
        *(
            f"| {verdict.envelope.name} | {_shows(verdict.envelope)} | {verdict.figures} | {_word(verdict)} |"
            for verdict in verdicts
        ),
        "",
        "## Those that do not",
        "",
    ]
    for verdict in verdicts:
        if not verdict.agrees:
            found = "; ".join(str(difference) for difference in verdict.differences)
            lines.append(f"- **{verdict.envelope.name}**: {verdict.reason or 'NO REASON FOUND.'}")
            lines += [f"  Published and ours: {found}."] if found else []
    return "\n".join(lines).rstrip() + "\n"


def _word(verdict: Verdict) -> str:
    if verdict.agrees:
        return "yes"
    return "refused" if verdict.refusal else f"all but {len(verdict.differences)}"


def _shows(envelope: Envelope) -> str:
    document = envelope.document
    marks = [document["currency"]]
    if document["type"] != "standard":
        marks.append(document["type"])
    if envelope.includes_tax:
        marks.append("prices include tax")
    if any("surcharge" in row for category in envelope.categories for row in category["rates"]):
        marks.append("surcharge")
    marks += [f"{code} withheld" for code in sorted(envelope.retained)]
    keys = {row.get("key", "standard") for category in envelope.categories for row in category["rates"]}
    marks += sorted(keys - {"standard"})
    if any(len(category["rates"]) > 1 for category in envelope.categories):
        marks.append("several rows")
    for mark, there in (
        ("discounts", any("discounts" in line for line in document.get("lines", []))),
        ("charges", "charges" in document),
        ("advances", "advance" in envelope.totals),
    ):
        marks += [mark] if there else []
    return ", ".join(marks)


def main() -> None:
    parser = argparse.ArgumentParser(description="compare GOBL's computed invoices with our totals")
    parser.add_argument("--write", action="store_true", help="write docs/proofs/gobl.md")
    arguments = parser.parse_args()
    if not (folder := os.environ.get("CORPORA_DIR")):
        sys.exit("CORPORA_DIR has to name the folder of the published documents")
    verdicts = [judge(envelope, calculated(envelope)) for envelope in read_envelopes(Path(folder) / "gobl")]
    if not verdicts:
        sys.exit(f"there are no envelopes below {folder}/gobl")
    text = report(verdicts)
    print(text)
    if arguments.write:
        PROOF.write_text(text, encoding="utf-8")
    sys.exit(0 if all(verdict.agrees or verdict.reason for verdict in verdicts) else 1)


if __name__ == "__main__":
    main()
