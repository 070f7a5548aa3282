"""Runs the proofs over seeds and keeps the results: `python -m tests.faults.run --seeds 0-49`.

Seeds whose result is kept already are skipped, so a run that was interrupted goes on where it stopped,
and more seeds add to the evidence. Exit status 1 if anything that must be 0 is not.
"""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django

from config import embedded
from config.embedded import Servers
from tests.faults import stage


@dataclass(frozen=True)
class Proof:
    """`run(seed)` gives figures; those named in `zero` must be 0."""

    run: Callable[[int], dict[str, Any]]
    zero: tuple[str, ...]

    def faults(self, figures: dict[str, Any]) -> dict[str, int]:
        return {name: figures[name] for name in self.zero if figures[name]}


def proofs(servers: Servers, *, short: bool = False) -> dict[str, Proof]:
    """All proofs by name; needs Django to be set up."""
    from tests.faults import idempotency, jobs, trail  # noqa: PLC0415 (their models need Django)

    invoices, kills, each, keys = (120, 3, 20, 20) if short else (1000, 5, 200, 1000)
    return {
        "trail": Proof(
            lambda seed: trail.run(seed, servers=servers, invoices=invoices, kills=kills),
            ("missing", "duplicate", "phantom", "lost", "gaps", "undelivered"),
        ),
        "jobs": Proof(
            lambda seed: jobs.run(seed, each=each, kills=kills), ("lost", "double", "phantom", "unfinished")
        ),
        "idempotency": Proof(
            lambda seed: idempotency.run(seed, keys=keys),
            ("missing", "double", "gaps", "several_answers", "unanswered"),
        ),
    }


def main() -> int:
    options = _options()
    servers = stage.set_up(options.data_dir)
    try:
        django.setup()
        known = proofs(servers, short=options.short)
        chosen = options.only or list(known)
        return max(_prove(name, known[name], options) for name in chosen)
    finally:
        embedded.stop(servers)


def seeds_of(text: str) -> list[int]:
    """`"0-4,9"` → [0, 1, 2, 3, 4, 9]."""
    seeds: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        seeds += range(int(first), int(last or first) + 1)
    return seeds


def _prove(name: str, proof: Proof, options: argparse.Namespace) -> int:
    results = options.data_dir / "results" / f"{name}{'-short' if options.short else ''}.ndjson"
    results.parent.mkdir(parents=True, exist_ok=True)
    kept = {} if options.again else _kept(results)
    for seed in options.seeds:
        if seed in kept:
            continue
        kept[seed] = proof.run(seed)
        with results.open("a", encoding="utf-8") as file:
            file.write(json.dumps(kept[seed]) + "\n")
        print(f"{name} {json.dumps(kept[seed])}", flush=True)
    wrong = {seed: faults for seed in options.seeds if (faults := proof.faults(kept[seed]))}
    print(f"{name}: {len(options.seeds)} seeds, {len(wrong)} with faults {wrong or ''}".rstrip(), flush=True)
    return 1 if wrong else 0


def _kept(results: Path) -> dict[int, dict[str, Any]]:
    if not results.exists():
        return {}
    figures = map(json.loads, results.read_text(encoding="utf-8").splitlines())
    return {one["seed"]: one for one in figures}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=seeds_of, default=[0], help="such as 0-49")
    parser.add_argument(
        "--only", action="append", choices=["trail", "jobs", "idempotency"], help="one proof; may be repeated"
    )
    parser.add_argument("--again", action="store_true", help="run seeds whose result is kept, too")
    parser.add_argument("--short", action="store_true", help="fewer records and kills, results kept apart")
    parser.add_argument("--data-dir", type=Path, default=stage.DATA_DIR)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
