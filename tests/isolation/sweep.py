"""The long form of the isolation sweep, from the command line.

    python -m tests.isolation.sweep --calls 20000 --interleaved 10000          both layers
    python -m tests.isolation.sweep --layer "python off"                       the database alone
    python -m tests.isolation.sweep --layer "rls off"                          Python alone

Prints what was called and found; exits 1 if anything was found.
"""

import argparse
import json
import os
import sys
from pathlib import Path

import pytest

LAYERS = ("both layers", "python off", "rls off")


# Pytest starts the run, because its plugin brings the servers; this hands it the command line.
ARGUMENTS = "QUITTANCE_SWEEP"


def main() -> None:
    parser = argparse.ArgumentParser(description="the isolation sweep")
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--interleaved", type=int, default=0)
    parser.add_argument("--layer", choices=LAYERS, default=LAYERS[0])
    parser.add_argument("--seed", type=int, default=0)
    os.environ[ARGUMENTS] = json.dumps(vars(parser.parse_args()))
    os.environ["LOG_LEVEL"] = "CRITICAL"
    run = Path(__file__).with_name("long_sweep.py")
    options = ["-q", "-s", "--show-capture=no", "--tb=short", "-p", "no:cacheprovider"]
    sys.exit(pytest.main([*options, str(run)]))


if __name__ == "__main__":
    main()
