"""`python -m bench [name …] [--rounds N] [--quick]` measures, `--markdown` prints what was measured last."""

import argparse
import sys
from importlib import import_module

from bench import report, servers
from bench.harness import Options
from config.embedded import EmbeddedError


def main() -> int:
    """0 when everything was measured, 1 when a result was wrong, 2 where nothing can be measured."""
    arguments = _arguments()
    if arguments.markdown:
        print(report.markdown(report.kept()))
        return 0
    options = Options.quick() if arguments.quick else Options()
    if arguments.rounds:
        options = options.with_rounds(arguments.rounds)
    try:
        with servers.provided():
            # What measures imports models, which exist once the servers and Django are there.
            return int(import_module("bench.runner").run(arguments.names, options))
    except EmbeddedError as error:
        print(error, file=sys.stderr)
        return 2


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", help="benchmarks to run; all of them by default")
    parser.add_argument("--rounds", type=int, help="rounds in which the contenders alternate")
    parser.add_argument(
        "--quick", action="store_true", help="little data and short turns, to see that it runs"
    )
    parser.add_argument("--markdown", action="store_true", help="print the table of the results kept last")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
