"""The long proofs of the ledger (invariant 4): `make ledger`.

    python -m tests.ledger.run                          all three
    python -m tests.ledger.run --only clients           32 clients beside a checker
    python -m tests.ledger.run --only throughput        1 to 32 clients, measured in turn
    python -m tests.ledger.run --only histories         random histories beside the model in plain Python
    python -m tests.ledger.run --write                  and keep the results in docs/proofs/ledger.md

With --only the other sections of the page stay as they are. Exits 1 if anything that must be 0 is not.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import django
from django.db import connections

from config import embedded
from tests.databases import REPOSITORY
from tests.faults import stage

DATA_DIR = REPOSITORY / ".data-ledger"


def main() -> int:
    options = _options()
    servers = stage.set_up(options.data_dir)
    try:
        django.setup()
        from tests.ledger import proofs  # noqa: PLC0415 (its models need Django)

        chosen: dict[str, Callable[[argparse.Namespace], proofs.Outcome]] = {
            "clients": proofs.prove_clients,
            "throughput": proofs.measure_throughput,
            "histories": proofs.prove_histories,
        }
        outcomes = []
        for name, prove in chosen.items():
            if options.only in (None, name):
                outcomes.append(prove(options))
                print("\n".join(outcomes[-1].lines), flush=True)
                if options.write:
                    proofs.keep(outcomes[-1])
    finally:
        connections.close_all()
        embedded.stop(servers)
    return 0 if all(outcome.is_fine for outcome in outcomes) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="the long proofs of the ledger")
    parser.add_argument("--only", choices=["clients", "throughput", "histories"])
    parser.add_argument("--operations", type=int, default=100_000, help="of the run beside the checker")
    parser.add_argument("--seconds", type=float, default=10, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--customers", type=int, default=40)
    parser.add_argument("--pause", type=float, default=2.0, help="seconds between checks")
    parser.add_argument("--examples", type=int, default=2_000)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--data-dir", type=Path, default=DATA_DIR)
    parser.add_argument("--write", action="store_true", help="keep the results in docs/proofs/ledger.md")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
