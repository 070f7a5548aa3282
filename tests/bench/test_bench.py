"""The benchmarks run, and each finds that its contenders do what they are timed for."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.databases import REPOSITORY

NAMES = (
    "create10",
    "create_batch100",
    "list50",
    "tenant_list",
    "request_overhead",
    "jwt_verify",
    "login",
    "audit_save",
    "audit_1k",
    "audit_100k",
)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one tiny round of each benchmark has kept."""
    directory: Path = tmp_path_factory.mktemp("results")
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--quick"],
        cwd=REPOSITORY,
        env={**os.environ, "BENCH_RESULTS": str(directory)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {path.stem: json.loads(path.read_text()) for path in directory.glob("*.json")}


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_checks_its_results_and_measures_everybody(results: dict[str, Any], name: str) -> None:
    found = results[name]
    assert set(found["milliseconds"]) >= {"ours"}
    assert all(spent > 0 for spent in found["milliseconds"].values())
    assert found["verdicts"]
    assert "statements" in found["facts"]["ours"]


@pytest.mark.slow
def test_a_request_that_does_nothing_sends_nothing(results: dict[str, Any]) -> None:
    assert results["request_overhead"]["facts"]["ours"].startswith("0 statements")


@pytest.mark.slow
def test_a_list_is_one_statement_beside_the_scope(results: dict[str, Any]) -> None:
    assert results["list50"]["facts"]["ours"].startswith("3 statements (0 writing), 3 round trips")


@pytest.mark.slow
def test_an_invoice_is_written_by_one_statement(results: dict[str, Any]) -> None:
    assert "(1 writing)" in results["create10"]["facts"]["ours"]


@pytest.mark.slow
def test_a_token_that_is_known_is_verified_without_the_database(results: dict[str, Any]) -> None:
    assert results["jwt_verify"]["facts"]["ours"].startswith("0 statements")


@pytest.mark.slow
def test_amid_a_storm_some_log_in_and_most_are_told_to_come_back(results: dict[str, Any]) -> None:
    let_in, turned_away = re.findall(r"[0-9]+", results["login_storm"]["facts"]["logins"])
    assert int(let_in) > 0
    assert int(turned_away) > int(let_in)
