"""The long form of the fuzzing, from the command line.

    python -m tests.api.fuzz --cases 50000 [--seed 7] [--version v2]

Prints what was called, what never got through and what was wrong; exits 1 if anything was.
"""

import argparse
import sys
from pathlib import Path

import pytest


class Arguments:
    """Hands the command line to the run, which pytest starts because its plugin brings the servers."""

    def __init__(self, parsed: argparse.Namespace) -> None:
        self.parsed = parsed

    @pytest.fixture
    def arguments(self) -> argparse.Namespace:
        return self.parsed


def main() -> None:
    parser = argparse.ArgumentParser(description="answers compared with the OpenAPI documents")
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--version", action="append", choices=["v1", "v2"])
    run = Path(__file__).with_name("long_fuzz.py")
    options = ["-q", "-s", "--show-capture=no", "--tb=short", "-p", "no:cacheprovider"]
    sys.exit(pytest.main([*options, str(run)], plugins=[Arguments(parser.parse_args())]))


if __name__ == "__main__":
    main()
