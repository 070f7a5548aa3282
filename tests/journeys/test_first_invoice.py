"""The README's first invoice: its commands as they stand there, on an instance of their own."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.embedded import REPOSITORY
from config.own_instance import own_instance
from config.processes import wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed"),
]
ADDRESS = "http://127.0.0.1:8000"


def commands() -> str:
    """The indented blocks of the section, joined to a script."""
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    section = readme.partition("## A first invoice\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"(?:^    .*\n)+", section, re.MULTILINE)
    return "".join(line.removeprefix("    ") for block in blocks for line in block.splitlines(keepends=True))


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    """Where an instance with demo data answers."""
    with own_instance() as instance:
        yield instance.base_url


def run(script: str, home: Path) -> list[Any]:
    """The JSON documents that a script prints, in order."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(home)}
    done = subprocess.run(
        ["/bin/sh", "-eu", "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    decoder, printed, text = json.JSONDecoder(), [], done.stdout
    while text := text.lstrip():
        value, end = decoder.raw_decode(text)
        printed.append(value)
        text = text[end:]
    return printed


def test_the_commands_of_the_readme_issue_explain_and_trace_an_invoice(base_url: str, tmp_path: Path) -> None:
    script = commands().replace(ADDRESS, base_url).replace("/tmp/", f"{tmp_path}/")
    found: list[list[Any]] = []

    def has_its_history() -> bool:
        # The same key again gives the same invoice; the trail is a moment behind.
        found.append(run(script, tmp_path))
        return bool(found[-1][2]["data"])

    assert wait_until(has_its_history, 30)
    issued, explained, history = found[-1]
    assert found[0][0] == issued
    assert (issued["status"], issued["totals"]["payable"]) == ("issued", "32.78")
    assert re.fullmatch(r"[A-Z]+-\d{4}-\d{5}", issued["number"])
    assert explained["steps"][-1]["result"] == issued["totals"]["payable"]
    assert [entry["operation"] for entry in history["data"]] == ["insert"]
