"""The short form of the trail's proof, and a check that the comparison sees what it should."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.embedded import DATABASE_VARIABLES
from tests.databases import REPOSITORY
from tests.faults.comparing import Entry, judge
from tests.faults.run import seeds_of

MADE: Entry = ("insert", None, "a")
CHANGED: Entry = ("update", "a", "b")
AGAIN: Entry = ("update", "b", "c")
GONE: Entry = ("delete", "c", None)


def test_every_change_has_one_entry_though_relays_and_both_databases_are_killed() -> None:
    data_dir = Path(os.environ.get("TEST_DATA_DIR") or REPOSITORY / ".data-test") / "faults"
    ours = {name: value for name, value in os.environ.items() if name not in DATABASE_VARIABLES}
    command = [sys.executable, "-m", "tests.faults.run", "--only", "trail", "--short", "--again"]
    done = subprocess.run(
        [*command, "--data-dir", str(data_dir)],
        cwd=REPOSITORY,
        env=ours,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 seeds, 0 with faults" in done.stdout


@pytest.mark.parametrize(
    ("chain", "row"),
    [([MADE], "a"), ([MADE, CHANGED, AGAIN], "c"), ([MADE, CHANGED, AGAIN, GONE], None)],
)
def test_a_whole_chain_has_no_fault(chain: list[Entry], row: str | None) -> None:
    assert not +judge(chain, row)


@pytest.mark.parametrize(
    ("chain", "row", "fault"),
    [
        ([], "a", "missing"),
        ([CHANGED], "b", "missing"),
        ([MADE, AGAIN], "c", "missing"),
        ([MADE, CHANGED], "c", "missing"),
        ([MADE, CHANGED, CHANGED], "b", "duplicate"),
        ([MADE, MADE], "a", "duplicate"),
        ([MADE, CHANGED], "a", "phantom"),
        ([MADE], None, "phantom"),
    ],
)
def test_a_broken_chain_is_named(chain: list[Entry], row: str | None, fault: str) -> None:
    assert +judge(chain, row) == {fault: 1}


def test_seeds_are_read_as_ranges() -> None:
    assert seeds_of("0-3,7") == [0, 1, 2, 3, 7]
