"""`make demo`: the whole job on an instance of its own, and what it says where it cannot run."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from config.embedded import REPOSITORY

LINE = {
    "name": "Bicycle",
    "quantity": "+2.50",
    "net_unit_price": "10.00",
    "tax_category": "S",
    "tax_rate": "19.00",
}
PUBLISHED = {
    "line_net_amounts": ["25.00"],
    "sum_of_lines": "25.00",
    "tax_exclusive": "25.00",
    "tax_total": "4.75",
    "tax_inclusive": "29.75",
    "payable": "29.75",
    "tax_breakdown": [{"category": "S", "rate": "19.00", "taxable": "25.00", "tax": "4.75"}],
}


def a_case(**changes: Any) -> dict[str, Any]:
    """A document whose level, charges and much else are left out; `changes` are published figures."""
    return {"currency": "EUR", "inputs": {"lines": [LINE]}, "expected": PUBLISHED | changes}


def demo(directory: Path, *arguments: str | Path, started: bool = False) -> subprocess.Popen[str]:
    """The demo in a process of its own, with `directory` for whatever it leaves lying about."""
    process = subprocess.Popen(
        [sys.executable, "-m", "config.demo", *map(str, arguments)],
        cwd=REPOSITORY,
        env={**os.environ, "TMPDIR": str(directory), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if started:
        assert process.stdout is not None
        while "starting" not in process.stdout.readline():
            assert process.poll() is None
    return process


def cases_in(folder: Path, **cases: object) -> Path:
    folder.mkdir()
    for name, case in cases.items():
        text = case if isinstance(case, str) else json.dumps(case)
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.slow
def test_the_demo_tells_its_story_and_recomputes_documents(tmp_path: Path) -> None:
    folder = cases_in(
        tmp_path / "cases",
        right=a_case(),
        wrong=a_case(tax_total="4.76", tax_inclusive="29.76", payable="29.76"),
        known={"level": "disagrees", **a_case(payable="30.00")},
        foreign={**a_case(), "currency": "XXX"},
    )
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    process = demo(scratch, "--cases", folder)
    output, errors = process.communicate(timeout=240)
    lines = [" ".join(line.split()) for line in output.splitlines()]
    assert "right full equal" in lines
    assert any(line.startswith("wrong full DIFFERS: totals.tax_total: published 4.76") for line in lines)
    assert any(line.startswith("known disagrees differs, as known: totals.payable") for line in lines)
    assert any(line.startswith("foreign full DIFFERS: refused with 400") for line in lines)
    (total,) = [line for line in lines if line.endswith("<- DIFFERS")]
    assert "disagrees: 0 of 1 equal; full: 1 of 3 equal; 2 unexpected differences" in total
    assert process.returncode == 1
    assert errors == "demo: not as it should be: 1\n"
    assert list(scratch.iterdir()) == []


@pytest.mark.slow
def test_an_interrupted_demo_leaves_nothing(tmp_path: Path) -> None:
    process = demo(tmp_path, started=True)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "everything is stopped" in errors
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("cases", "said"),
    [
        ({}, "holds no case files"),
        ({"torn": '{"inputs": '}, "torn.json is not JSON"),
        ({"list": []}, "list.json is not a case file"),
        ({"other": {"id": 7}}, "other.json is not a case file: KeyError('inputs')"),
        ({"odd": a_case(payable="a lot")}, "odd.json holds an amount that is no decimal number"),
    ],
)
def test_a_folder_that_holds_no_cases_is_one_sentence(
    tmp_path: Path, cases: dict[str, object], said: str
) -> None:
    process = demo(tmp_path, "--cases", cases_in(tmp_path / "cases", **cases))
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output, errors.count("\n")) == (1, "", 1)
    assert said in errors


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    process = demo(tmp_path, "--cases", tmp_path / "nowhere")
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output) == (1, "")
    assert errors == f"demo: there is no folder {tmp_path / 'nowhere'}\n"
