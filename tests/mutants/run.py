"""Removes one guard after the other in a copy of the tree; a test must fail each time (`make mutants`).

    python -m tests.mutants.run                         all guards
    python -m tests.mutants.run --only "refresh" …      those whose name contains a word
    python -m tests.mutants.run --missing               those that docs/proofs/mutants.md says nothing of
    python -m tests.mutants.run --write                 and write what was found into docs/proofs/mutants.md

First the named tests must pass on the copy as it is: a test that fails anyway notices nothing. Exits 1 if a
guard can be removed unnoticed, or if an edit no longer applies.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from config import embedded
from tests.mutants.guard import Guard
from tests.mutants.guards import EVERY

REPOSITORY = Path(__file__).resolve().parents[2]
DATA = REPOSITORY / ".data-mutants"
PROOF = REPOSITORY / "docs" / "proofs" / "mutants.md"
LEFT_OUT = shutil.ignore_patterns(".venv", ".git", ".data*", "*_cache", ".hypothesis", "__pycache__")
PATIENCE_SECONDS = 300
_TESTS_FAILED = 1


@dataclass(frozen=True)
class Outcome:
    """What became of one mutant; `noticed_by` is the first test that failed."""

    guard: Guard
    verdict: str
    noticed_by: str
    seconds: float

    @property
    def is_fine(self) -> bool:
        return self.verdict == "noticed"


def main() -> None:
    parser = argparse.ArgumentParser(description="remove each guard; a test must fail")
    parser.add_argument("--only", nargs="*", default=[], help="words of the names of guards")
    parser.add_argument("--missing", action="store_true", help="guards that were not tried yet")
    parser.add_argument("--write", action="store_true", help="write docs/proofs/mutants.md")
    arguments = parser.parse_args()
    known = rows_of(PROOF.read_text(encoding="utf-8")) if PROOF.exists() else {}
    chosen = [
        guard
        for guard in EVERY
        if (not arguments.only or any(word.lower() in guard.name.lower() for word in arguments.only))
        and not (arguments.missing and guard.name in known)
    ]
    with tempfile.TemporaryDirectory(prefix="mutants-") as temporary:
        directory = Path(temporary)
        # Held for the whole run: otherwise each mutant would start and stop servers of its own.
        servers = embedded.start(DATA)
        try:
            outcomes = []
            for outcome in _outcomes(chosen, directory):
                outcomes.append(outcome)
                known[outcome.guard.name] = row_of(outcome)
                if arguments.write:
                    # After each one: a run that is cut short has shown what it has shown.
                    PROOF.write_text(report(known), encoding="utf-8")
        finally:
            embedded.stop(servers)
    sys.exit(0 if outcomes and all(outcome.is_fine for outcome in outcomes) else 1)


def _outcomes(guards: list[Guard], directory: Path) -> Iterable[Outcome]:
    healthy = _copy(directory / "healthy")
    passing: dict[tuple[str, ...], bool] = {}
    for guard in guards:
        began = time.monotonic()
        if guard.tests not in passing:
            passing[guard.tests] = _run(healthy, guard.tests).returncode == 0
        verdict, noticed_by = "the tests fail without it too", ""
        if passing[guard.tests]:
            verdict, noticed_by = _without(guard, directory)
        outcome = Outcome(guard, verdict, noticed_by, time.monotonic() - began)
        print(f"{outcome.verdict:<12} {guard.name} ({outcome.seconds:.0f} s)", flush=True)
        yield outcome


def _without(guard: Guard, directory: Path) -> tuple[str, str]:
    """The verdict on the tree without `guard`."""
    tree = _copy(directory / "mutant")
    try:
        for path, text, replacement in guard.edits:
            source = (tree / path).read_text(encoding="utf-8")
            if text not in source:
                return f"does not apply to {path}", ""
            (tree / path).write_text(source.replace(text, replacement), encoding="utf-8")
        done = _run(tree, guard.tests)
    finally:
        shutil.rmtree(tree)
    if done.returncode == _TESTS_FAILED:
        failed = re.search(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", done.stdout, re.MULTILINE)
        return "noticed", failed[1] if failed else ""
    if done.returncode == 0:
        return "SURVIVED", ""
    last = f"exit {done.returncode}\n{done.stdout}{done.stderr}".strip().splitlines()[-1]
    return f"did not run: {last[:100]}", ""


def _copy(target: Path) -> Path:
    tree = Path(shutil.copytree(REPOSITORY, target, ignore=LEFT_OUT))
    # What tests start with Node lies there; without it they are skipped, and notice nothing.
    (tree / ".venv").symlink_to(REPOSITORY / ".venv")
    return tree


def _run(tree: Path, tests: tuple[str, ...]) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "TEST_DATA_DIR": str(DATA), "PYTHONDONTWRITEBYTECODE": "1", "CI": "true"}
    quiet = ["-x", "-q", "--tb=no", "--show-capture=no", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *quiet]
    try:
        return subprocess.run(
            [*command, *tests],
            cwd=tree,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )
    except subprocess.TimeoutExpired:
        # A mutant that hangs was noticed as little as one that passes.
        return subprocess.CompletedProcess(command, 124, "", f"hung for {PATIENCE_SECONDS} s")


def row_of(outcome: Outcome) -> str:
    """One row of the table."""
    return f"| {outcome.guard.name} | {outcome.verdict} | {_cell(outcome.noticed_by)} |"


def rows_of(page: str) -> dict[str, str]:
    """The rows of a page that was written before, by the names of their guards."""
    rows = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith("| guard |")]
    return {row.split(" | ")[0].removeprefix("| "): row for row in rows}


def report(rows: dict[str, str]) -> str:
    """The results as a page of Markdown, each guard with what was found when it was tried last."""
    tried = [rows[guard.name] for guard in EVERY if guard.name in rows]
    noticed = sum(row.split(" | ")[1] == "noticed" for row in tried)
    lines = [
        "# Guards removed, tests that noticed",
        "",
        f"{noticed} of {len(tried)} removed guards made a test fail; {len(EVERY) - len(tried)} are left",
        "(`make mutants ARGS=--missing`). Each is removed alone, in a copy of the tree, by the edit in",
        "`tests/mutants/`; the named tests pass on the copy as it is. Repeat with `make mutants`.",
        "",
        "| guard | verdict | first test that failed |",
        "|---|---|---|",
        *tried,
        "",
    ]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return f"`{text}`" if text else ""


if __name__ == "__main__":
    main()
