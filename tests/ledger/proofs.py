"""The three proofs of `make ledger`, each a section of docs/proofs/ledger.md."""

import argparse
import os
import re
import statistics
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.databases import REPOSITORY
from tests.invoicing.ledger.history import Tally
from tests.invoicing.ledger.machine import LedgerMachine
from tests.ledger import over_http
from tests.ledger.checking import Checker
from tests.ledger.clients import Figures, Office
from tests.ledger.crews import Crew

PROOF = REPOSITORY / "docs" / "proofs" / "ledger.md"
CLIENTS = (1, 2, 4, 8, 16, 32)
CORES = os.cpu_count() or 1
THREADS = 2
WARMING_SECONDS = 3.0
SERVED, APART = "over HTTP", "a connection each"
TITLES = ("Clients beside a checker", "Throughput by number of clients", "Histories beside a model")


@dataclass(frozen=True)
class Outcome:
    """The lines of a section, the first of them its title, and whether the proof held."""

    lines: list[str]
    is_fine: bool


def prove_clients(options: argparse.Namespace) -> Outcome:
    """As many operations by 32 clients as asked for, all on the same customers, beside the checker."""
    office = Office.make(options.customers)
    with (
        Crew(office, max(CLIENTS), seed=7, operations=options.operations) as crew,
        Checker(office, pause=options.pause) as checker,
    ):
        figures = crew.figures()
    failed = figures.failed.total()
    lines = [
        f"## {TITLES[0]}",
        "",
        (
            f"{_today()}: {max(CLIENTS)} clients, each a process with a connection of its own, posted"
            f" {figures.operations:,} operations to the ledger of {options.customers} customers in"
            f" {figures.seconds:,.0f} s: {figures.done.total():,} done, {figures.refused.total():,} refused"
            " by the rules."
        ),
        "",
        "| what must be 0 | found |",
        "|---|---|",
        f"| violations in {checker.checks} checks of all rows meanwhile | {checker.violations.total()} |",
        f"| deadlocks and other errors of the database | {failed} {dict(figures.failed) or ''} |",
        f"| of {len(checker.reports)} receivables reports, changed when asked again | {checker.changed} |",
        f"| errors of the checker itself | {len(checker.errors)} {checker.errors or ''} |",
        "",
        "Done: " + ", ".join(f"{name} {count:,}" for name, count in figures.done.most_common()) + ".",
        "",
        "Refused: " + ", ".join(f"`{code}` {count:,}" for code, count in figures.refused.most_common()) + ".",
        "",
    ]
    return Outcome(lines, not (failed or checker.violations or checker.changed or checker.errors))


def measure_throughput(options: argparse.Namespace) -> Outcome:
    """Operations a second by number of clients, over HTTP and with a connection each, in turn."""
    office = Office.make(options.customers)
    rates: dict[str, dict[int, list[float]]] = {way: {n: [] for n in CLIENTS} for way in (SERVED, APART)}
    failed = 0
    with over_http.serving(workers=CORES, threads=THREADS) as url:
        for turn in range(options.rounds):
            # Up and down: the ledger grows, and what comes later must not always be the same.
            for clients in CLIENTS[:: -1 if turn % 2 else 1]:
                seed = 1000 * turn + clients
                for way, found in rates.items():
                    figures = _measure(way, office, url, clients, seed, options.seconds)
                    failed += figures.failed.total()
                    found[clients].append(figures.operations / figures.seconds)
                    print(f"{turn + 1}: {clients} clients, {way}: {found[clients][-1]:.0f}/s", flush=True)
    lines = [
        f"## {TITLES[1]}",
        "",
        (
            f"{_today()}: {options.rounds} rounds up and down on one ledger of {options.customers} customers,"
            f" {options.seconds:g} s each after warming up, no checker beside. *Over HTTP*: granian as in"
            f" production, {CORES} processes with {THREADS} threads for requests each (`--workers`,"
            " `--blocking-threads`), to which the clients, from one process on the same machine, post without"
            " a pause, each over a connection of its own. *A connection each*: every client is a process with"
            f" a connection of its own to the database, so that in the end 64 processes share {CORES} cores."
            " The ratio is the median of the ratios to one client of the same round. Errors of any kind:"
            f" {failed}."
        ),
        "",
        "| clients | over HTTP, /s | ratio (lowest to highest) | a connection each, /s | ratio |",
        "|---|---|---|---|---|",
        *(
            f"| {n} | {statistics.median(rates[SERVED][n]):.0f} | {_ratio(rates[SERVED], n, spread=True)}"
            f" | {statistics.median(rates[APART][n]):.0f} | {_ratio(rates[APART], n)} |"
            for n in CLIENTS
        ),
        "",
    ]
    return Outcome(lines, failed == 0)


def _measure(way: str, office: Office, url: str, clients: int, seed: int, seconds: float) -> Figures:
    if way == APART:
        with Crew(office, clients, seed=seed, seconds=seconds) as crew:
            return crew.figures()
    return over_http.measure(office, url, clients, seed=seed, seconds=seconds, warm=WARMING_SECONDS)


def prove_histories(options: argparse.Namespace) -> Outcome:
    """Random histories against the model; raises with the shortest one that fails."""
    began = time.monotonic()
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=options.examples,
            stateful_step_count=options.steps,
            deadline=None,
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    seconds = time.monotonic() - began
    lines = [
        f"## {TITLES[2]}",
        "",
        (
            f"{_today()}: {options.examples:,} random histories of {options.steps} steps, {seconds:,.0f} s:"
            f" {Tally.accepted:,} postings and voids taken and {Tally.refused:,} refused, each as the model"
            " in plain Python (`tests/invoicing/ledger/model.py`) said, beside the documents and payments"
            " themselves; after every step all sums and payment states were the model's."
        ),
        "",
        (
            f"{Tally.nights:,} nights passed in between. {Tally.finals:,} times a day that was over was"
            " reported on as it is by default, whatever had been posted, dated back, taken back or voided"
            " since: each was what the model knew at that day's midnight, and the same to the bit whenever it"
            f" was asked again. {Tally.reports:,} reports of a day as known at a stated moment were equally"
            " repeated at the end of their history, unchanged and as the model tells them."
        ),
        "",
    ]
    return Outcome(lines, is_fine=True)


def keep(outcome: Outcome) -> None:
    """Put a section into the page, in the place of its earlier result."""
    sections = {}
    if PROOF.exists():
        parts = re.split(r"(?m)^(?=## )", PROOF.read_text(encoding="utf-8"))[1:]
        sections = {part.splitlines()[0].removeprefix("## "): part for part in parts}
    sections[outcome.lines[0].removeprefix("## ")] = "\n".join(outcome.lines) + "\n"
    head = (
        "# The ledger under load and against a model\n\n"
        f"Made by `make ledger` on {CORES} cores with {_memory()} GB of memory; row-level security, audit"
        " triggers,\ndeferred checks and fsync on, the relay not running. Rates are of a machine that others"
        " may have used at the\nsame time: compare the ratios.\n\n"
    )
    text = head + "\n".join(sections[title].rstrip() + "\n" for title in TITLES if title in sections)
    PROOF.write_text(text, encoding="utf-8")


def _ratio(rates: dict[int, list[float]], clients: int, *, spread: bool = False) -> str:
    ratios = [rate / alone for rate, alone in zip(rates[clients], rates[1], strict=True)]
    median = f"{statistics.median(ratios):.2f}"
    return f"{median} ({min(ratios):.2f} to {max(ratios):.2f})" if spread else median


def _today() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}"


def _memory() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
