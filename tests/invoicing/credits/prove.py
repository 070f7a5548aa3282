"""The long proof that credit notes add up (`make credit`): pure first, then through services and database.

    python -m tests.invoicing.credits.prove                    10,000 invoices pure, 300 kept
    python -m tests.invoicing.credits.prove --invoices 2000 --kept 50 --first 10000
    python -m tests.invoicing.credits.prove --write            and write docs/proofs/credit-notes.md

Every seed is one invoice; a difference names its seed and ends the run with exit code 1.
"""

import argparse
import itertools
import os
import random
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

from invoicing.domain.creditable import rate_of
from invoicing.domain.rounding import TaxRounding
from tenants.errors import InvalidInput
from tests.invoicing.credits.partitions import (
    Credited,
    any_document,
    check_whole,
    credit_randomly,
    record_of,
)

REPOSITORY = Path(__file__).resolve().parents[3]
PROOF = REPOSITORY / "docs" / "proofs" / "credit-notes.md"
KEPT_TESTS = (
    "tests/invoicing/credits/test_crediting.py"
    "::test_random_partitions_of_random_invoices_are_exact_in_the_rows"
)


@dataclass
class Tally:
    """What became of the invoices; `moved` counts tax rows whose own rounding was not the outcome."""

    invoices: int = 0
    negative: int = 0
    no_document: int = 0
    notes: int = 0
    voids: int = 0
    rows: int = 0
    moved: int = 0
    further: int = 0
    furthest: Fraction = Fraction(0)
    refusals: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)


def prove(first: int, count: int) -> Tally:
    """Random partitions of `count` invoices, whose seeds begin with `first`, without a database."""
    tally = Tally()
    for seed in itertools.count(first):
        if tally.invoices >= count:
            break
        chance = random.Random(seed)
        try:
            invoice = record_of(any_document(chance), chance.choice(list(TaxRounding)))
        except InvalidInput:
            tally.no_document += 1
            continue
        if invoice.totals.tax_inclusive < 0:
            tally.negative += 1
            continue
        credited = Credited.of(invoice)
        try:
            credit_randomly(chance, credited)
            if credited.notes:
                check_whole(credited)
        except AssertionError as error:
            tally.differences.append(f"seed {seed}: {error}")
        _count(tally, credited)
    return tally


def _count(tally: Tally, credited: Credited) -> None:
    tally.invoices += 1
    tally.notes += len(credited.notes)
    tally.voids += credited.voids
    tally.refusals.update(credited.refusals)
    for note in credited.notes:
        tally.further += len(note.taking.further)
        for row in note.taking.rows:
            tally.rows += 1
            tally.moved += row.tax != row.own_tax
            if credited.corrected.tax_rounding is TaxRounding.CATEGORY and not credited.voids:
                distance = abs(row.tax - row.taxable * rate_of(row.key))
                tally.furthest = max(tally.furthest, distance)


def keep(count: int) -> bool:
    """As many through the services, checked in the rows; whether all of them were exact."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", KEPT_TESTS]
    environment = {**os.environ, "CREDIT_KEPT": str(count)}
    return subprocess.run(command, cwd=REPOSITORY, env=environment, check=False).returncode == 0


def report(tally: Tally, first: int, kept: int, *, is_exact: bool, seconds: float) -> str:
    """The kept result."""
    refusals = ", ".join(f"{code} {count:,}" for code, count in tally.refusals.most_common())
    lines = [
        "# Credit notes add up to their invoice",
        "",
        "`make credit` makes this page. Each seed is a random invoice (one to eight lines, discounts, lines",
        "that take something off, allowances and charges of the document, prepaid and rounding amounts,",
        "currencies of no, two, three and four decimals, tax rounded per row or per line; every other one",
        "with surcharges, withholdings or prices that include tax) that random credit notes (in full, by",
        "line, by quantity, by amount, price corrections, goodwill) divide until nothing is left.",
        "",
        "| | |",
        "|---|---|",
        f"| run | {datetime.now(UTC):%Y-%m-%d}, {seconds:.0f} s |",
        f"| seeds | {first} to {first + tally.invoices + tally.negative + tally.no_document - 1} |",
        f"| invoices divided | {tally.invoices:,} |",
        f"| left out: below zero, or no document | {tally.negative:,}, {tally.no_document:,} |",
        f"| credit notes that divide them, and others voided on the way | {tally.notes:,}, {tally.voids:,} |",
        f"| refused on the way | {refusals} |",
        f"| tax rows, of which moved by the rule of the residual | {tally.rows:,}, {tally.moved:,} |",
        f"| rows of surcharges and withholdings | {tally.further:,} |",
        f"| furthest tax from taxable * rate, in minor units | {float(tally.furthest):.3f} |",
        f"| **differences** in a line, tax row, allowance, charge or total | **{len(tally.differences)}** |",
        f"| through services and database: seeds, exact | {kept}, {'yes' if is_exact else '**no**'} |",
        "",
        *tally.differences,
    ]
    return "\n".join(lines).rstrip() + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description="prove that credit notes add up to their invoice")
    parser.add_argument("--invoices", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--kept", type=int, default=300)
    parser.add_argument("--write", action="store_true", help="write docs/proofs/credit-notes.md")
    arguments = parser.parse_args()
    began = time.monotonic()
    tally = prove(arguments.first, arguments.invoices)
    is_exact = keep(arguments.kept)
    text = report(tally, arguments.first, arguments.kept, is_exact=is_exact, seconds=time.monotonic() - began)
    print(text)
    if arguments.write:
        PROOF.write_text(text, encoding="utf-8")
    sys.exit(1 if tally.differences or not is_exact else 0)


if __name__ == "__main__":
    main()
