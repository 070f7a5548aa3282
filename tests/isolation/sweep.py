"""The long form of the isolation sweep, from the command line.

    python -m tests.isolation.sweep --calls 20000 --interleaved 10000          both layers
    python -m tests.isolation.sweep --layer "python off"                       the database alone
    python -m tests.isolation.sweep --layer "rls off"                          Python alone

Prints what was called and found; exits 1 if anything was found.
"""

import argparse
import sys
from pathlib import Path

import pytest

LAYERS = ("both layers", "python off", "rls off")


class Arguments:
    """Hands the command line to the run, which pytest starts because its plugin brings the servers."""

    def __init__(self, parsed: argparse.Namespace) -> None:
        self.parsed = parsed

    @pytest.fixture(scope="session")
    def arguments(self) -> argparse.Namespace:
        return self.parsed


def main() -> None:
    parser = argparse.ArgumentParser(description="the isolation sweep")
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--interleaved", type=int, default=0)
    parser.add_argument("--layer", choices=LAYERS, default=LAYERS[0])
    parser.add_argument("--seed", type=int, default=0)
    run = Path(__file__).with_name("long_sweep.py")
    options = ["-q", "-s", "--show-capture=no", "--tb=short", "-p", "no:cacheprovider"]
    sys.exit(pytest.main([*options, str(run)], plugins=[Arguments(parser.parse_args())]))


if __name__ == "__main__":
    main()
