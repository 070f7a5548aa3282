"""`make demo`: the main job over HTTP, on an instance of its own that is gone afterwards.

    python -m config.demo [--cases FOLDER]

Every step is printed with its result. Exit 0 if each came out as it should, 1 if one differs (or the
instance could not run, or the folder cannot be read), 130 after Ctrl-C.
"""

import argparse
import signal
import sys
import time
from pathlib import Path

import httpx2

from config.case_files import Json, NotACase, read_cases
from config.case_report import judge, summary
from config.demo_steps import Differs, Story
from config.own_instance import ENDING, Instance, InstanceFailed, own_instance


def main() -> None:
    """Run the demo; see the module."""
    options = _options()
    _stop_in_order()
    try:
        cases = _load(options.cases) if options.cases is not None else []
        print("Quittance: two companies, one invoice, every figure accounted for\n", flush=True)
        began = time.monotonic()
        print("starting an instance of its own ...", flush=True)
        with own_instance() as instance:
            print(f"ready at {instance.base_url} after {time.monotonic() - began:.1f} s\n", flush=True)
            differing = _run(instance, cases)
        print("\nthe instance is stopped and its data removed")
    except (InstanceFailed, NotACase, OSError) as error:
        sys.exit(f"demo: {error}")
    except KeyboardInterrupt:
        print("\ndemo: interrupted; everything is stopped", file=sys.stderr)
        sys.exit(130)
    if differing:
        sys.exit(f"demo: not as it should be: {differing}")
    print("every result is as it should be")


def _run(instance: Instance, cases: list[Json]) -> int:
    """The story and then the cases; how many results differ."""
    with Story(instance) as story:
        try:
            story.tell()
            if cases:
                _recompute(story, cases)
        except Differs as error:
            # What follows needs what failed.
            story.step("and then", str(error), holds=False)
        except httpx2.HTTPError as error:
            story.step("and then", f"no answer: {error}", holds=False)
            print(instance.last_words())
        return story.differing


def _recompute(story: Story, cases: list[Json]) -> None:
    print(f"\n{len(cases)} published documents, each through POST /api/v2/invoices/calculate\n")
    verdicts = [judge(case, story.calculate) for case in cases]
    width = max(len(verdict.case_id) for verdict in verdicts)
    levels = max(len(verdict.level) for verdict in verdicts)
    for verdict in verdicts:
        print(f"    {verdict.case_id:<{width}}  {verdict.level:<{levels}}  {verdict}")
    print()
    unexpected = sum(not verdict.is_expected for verdict in verdicts)
    story.step(
        "recompute the published documents",
        "; ".join(summary(verdicts)) + f"; {unexpected} unexpected differences",
        holds=not unexpected,
    )


def _load(folder: Path) -> list[Json]:
    """All cases, before anything is started. Raises NotACase, and OSError in words."""
    if not folder.is_dir():
        raise NotACase(f"there is no folder {folder}")
    cases = list(read_cases(folder))
    if not cases:
        raise NotACase(f"{folder} holds no case files (*.json)")
    return cases


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo", description="The main job over HTTP.")
    parser.add_argument("--cases", type=Path, metavar="FOLDER", help="recompute the case files in FOLDER")
    return parser.parse_args()


def _stop_in_order() -> None:
    """The first signal unwinds the stack; further ones must not interrupt the cleaning up."""

    def unwind(_number: int, _frame: object) -> None:
        for number in ENDING:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in ENDING:
        signal.signal(number, unwind)


if __name__ == "__main__":
    main()
