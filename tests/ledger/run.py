"""The long proofs of the ledger (invariant 4): `make ledger ARGS="--operations 100000"`.

    python -m tests.ledger.run                          both proofs
    python -m tests.ledger.run --only clients           32 clients beside a checker, and 1 to 32 measured
    python -m tests.ledger.run --only histories         random histories beside the model in plain Python
    python -m tests.ledger.run --write                  and keep the result in docs/proofs/ledger.md

Clients are processes, so that what is measured is the database and not one interpreter. Exits 1 if
anything that must be 0 is not.
"""

import argparse
import multiprocessing
import os
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django
from django.db import connections

from config import embedded
from tests.databases import REPOSITORY
from tests.faults import stage

PROOF = REPOSITORY / "docs" / "proofs" / "ledger.md"
DATA_DIR = REPOSITORY / ".data-ledger"
CLIENTS = (1, 4, 8, 16, 32)
_fork = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Outcome:
    """The lines of a proof's report, and whether it held."""

    lines: list[str]
    is_fine: bool


def main() -> int:
    options = _options()
    servers = stage.set_up(options.data_dir)
    try:
        django.setup()
        outcomes = []
        if options.only in (None, "clients"):
            outcomes.append(prove_clients(options))
        if options.only in (None, "histories"):
            outcomes.append(prove_histories(options))
    finally:
        connections.close_all()
        embedded.stop(servers)
    text = "\n".join(line for outcome in outcomes for line in outcome.lines)
    print(text)
    if options.write:
        _keep(text)
    return 0 if all(outcome.is_fine for outcome in outcomes) else 1


def prove_clients(options: argparse.Namespace) -> Outcome:
    """Throughput by number of clients, then the long run beside the checker."""
    from tests.ledger.checking import Checker  # noqa: PLC0415 (its models need Django)
    from tests.ledger.clients import Figures, Office, total  # noqa: PLC0415

    def run(office: Office, clients: int, seed: int, **how_long: float) -> Figures:
        return total(_in_processes(office, clients, seed, **how_long))

    rates: dict[int, list[float]] = {count: [] for count in CLIENTS}
    failed = 0
    for turn in range(options.rounds):
        for count in CLIENTS:
            office = Office.make(options.customers)
            figures = run(office, count, seed=1000 * turn + count, seconds=options.seconds)
            failed += figures.failed.total()
            rates[count].append(figures.operations / figures.seconds)
            print(f"round {turn + 1}: {count} clients, {rates[count][-1]:.0f} operations/s", flush=True)
    office = Office.make(options.customers)
    with Checker(office, pause=options.pause) as checker:
        figures = run(office, max(CLIENTS), seed=7, operations=options.operations)
    failed += figures.failed.total()
    is_fine = not (failed or checker.violations or checker.changed or checker.errors)
    alone = statistics.median(rates[1])
    lines = [
        "## Clients beside a checker",
        "",
        (
            f"{max(CLIENTS)} clients, each a process with a connection of its own, posted"
            f" {figures.operations:,} operations to the ledger of {options.customers} customers in"
            f" {figures.seconds:,.0f} s, {figures.operations / figures.seconds:.0f}/s beside the checker:"
            f" {figures.done.total():,} done, {figures.refused.total():,} refused by the rules."
        ),
        "",
        "| what must be 0 | found |",
        "|---|---|",
        f"| violations in {checker.checks} checks while they worked | {checker.violations.total()} |",
        f"| deadlocks and other errors of the database | {failed} {dict(figures.failed) or ''} |",
        f"| of {len(checker.reports)} receivables reports, changed when asked again | {checker.changed} |",
        f"| errors of the checker itself | {len(checker.errors)} {checker.errors or ''} |",
        "",
        "Done: " + ", ".join(f"{name} {count:,}" for name, count in figures.done.most_common()) + ".",
        "",
        "Refused: " + ", ".join(f"`{code}` {count:,}" for code, count in figures.refused.most_common()) + ".",
        "",
        (
            f"Throughput without the checker, for {options.seconds:g} s each on warm connections, medians of"
            f" {options.rounds} rounds taken in turn:"
        ),
        "",
        "| clients | operations/s | of one client | lowest | highest |",
        "|---|---|---|---|---|",
        *(
            f"| {count} | {statistics.median(found):.0f} | {statistics.median(found) / alone:.2f}"
            f" | {min(found):.0f} | {max(found):.0f} |"
            for count, found in rates.items()
        ),
        "",
    ]
    return Outcome(lines, is_fine)


def prove_histories(options: argparse.Namespace) -> Outcome:
    """Random histories against the model; raises with the shortest one that fails."""
    from hypothesis import HealthCheck, settings  # noqa: PLC0415
    from hypothesis.stateful import run_state_machine_as_test  # noqa: PLC0415

    from tests.invoicing.ledger.machine import LedgerMachine, Tally  # noqa: PLC0415 (needs Django)

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
        "## Histories beside a model",
        "",
        (
            f"{options.examples:,} random histories of up to {options.steps} steps, {seconds:,.0f} s:"
            f" {Tally.accepted:,} postings taken and {Tally.refused:,} refused, each as the model in plain"
            " Python (`tests/invoicing/ledger/model.py`) said; after every step all sums and payment states"
            f" were the model's. {Tally.reports:,} reports of a day were asked for in between and again at"
            " the end: all unchanged, and what the model tells of that day."
        ),
        "",
    ]
    return Outcome(lines, is_fine=True)


def _in_processes(
    office: Any, clients: int, seed: int, *, operations: float | None = None, seconds: float | None = None
) -> list[Any]:
    connections.close_all()
    barrier, answers = _fork.Barrier(clients), _fork.SimpleQueue()
    share, rest = divmod(int(operations or 0), clients)
    processes = [
        _fork.Process(
            target=_be_client,
            args=(
                office,
                seed * 100 + number,
                None if operations is None else share + (number < rest),
                seconds,
                barrier,
                answers,
            ),
        )
        for number in range(clients)
    ]
    for process in processes:
        process.start()
    figures = [answers.get() for _ in processes]
    for process in processes:
        process.join()
    return figures


def _be_client(
    office: Any, seed: int, operations: int | None, seconds: float | None, barrier: Any, answers: Any
) -> None:
    from tests.ledger.clients import work  # noqa: PLC0415 (its models need Django)

    answers.put(work(office, seed, operations, seconds=seconds, begin=barrier.wait))


def _keep(text: str) -> None:
    head = [
        "# The ledger under load and against a model",
        "",
        (
            f'Measured on {os.cpu_count()} cores with `make ledger ARGS="--write"`, authorization, row-level'
            " security, audit triggers and deferred checks on, fsync on; the relay was not running."
        ),
        "",
    ]
    PROOF.write_text("\n".join(head) + "\n" + text, encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="the long proofs of the ledger")
    parser.add_argument("--only", choices=["clients", "histories"])
    parser.add_argument("--operations", type=int, default=100_000, help="of the run beside the checker")
    parser.add_argument("--seconds", type=float, default=15, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--customers", type=int, default=40)
    parser.add_argument("--pause", type=float, default=2.0, help="seconds between checks")
    parser.add_argument("--examples", type=int, default=2_000)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--data-dir", type=Path, default=DATA_DIR)
    parser.add_argument("--write", action="store_true", help="keep the result in docs/proofs/ledger.md")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
