"""Results as text, as JSON files and as the table of docs/performance.md."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.harness import OURS, Measured
from bench.servers import DATA_DIR

PACKAGES = (
    "django",
    "djangorestframework",
    "psycopg",
    "msgspec",
    "orjson",
    "granian",
    "django-simple-history",
)


def text(measured: Measured) -> str:
    """A few lines for the terminal."""
    lines = [f"{measured.name} ({measured.rounds} rounds)"]
    lines += [f"  {who:<24} {figure(spent)} ms" for who, spent in measured.milliseconds.items()]
    for verdict in measured.verdicts:
        state = "met" if verdict.is_met else "NOT MET"
        lines.append(
            f"  goal {verdict.goal.text()}: {verdict.ratio:.2f}"
            f" (quartiles {verdict.low:.2f} to {verdict.high:.2f}), {state}"
        )
    lines += [f"  {what}: {value}" for what, value in measured.facts.items()]
    return "\n".join(lines)


def keep(measured: Measured) -> None:
    """Write the result below .data-bench/results, replacing the former one of this benchmark."""
    directory = results()
    directory.mkdir(parents=True, exist_ok=True)
    content = {
        **asdict(measured),
        "verdicts": [
            {"goal": one.goal.text(), "ratio": one.ratio, "low": one.low, "high": one.high, "met": one.is_met}
            for one in measured.verdicts
        ],
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
    }
    (directory / f"{measured.name}.json").write_text(json.dumps(content, indent=1, ensure_ascii=False))


def kept() -> list[dict[str, Any]]:
    """The results kept last, oldest first."""
    found = [json.loads(path.read_text()) for path in results().glob("*.json")]
    return sorted(found, key=lambda one: str(one["measured_at"]))


def results() -> Path:
    """Where results are kept: BENCH_RESULTS, else below the benchmarks' own data."""
    return Path(os.environ.get("BENCH_RESULTS") or DATA_DIR / "results")


def machine() -> str:
    """What it ran on, in one line."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    system = f"{os.cpu_count()} cores {platform.machine()}, {platform.system()} {platform.release()}"
    return f"{system}, Python {platform.python_version()}, {packages}"


def markdown(found: Sequence[dict[str, Any]]) -> str:
    """The table for docs/performance.md."""
    lines = [
        "| benchmark | ours | others | goal | ratio (quartiles) | met | counted |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in found:
        others = " · ".join(
            f"{who} {figure(spent)}" for who, spent in one["milliseconds"].items() if who != OURS
        )
        counted = " · ".join(f"{what}: {value}" for what, value in one["facts"].items())
        head = [f"`{one['name']}`", f"{figure(one['milliseconds'][OURS])} ms", others]
        for verdict in one["verdicts"]:
            ratio = f"{verdict['ratio']:.2f} ({verdict['low']:.2f}–{verdict['high']:.2f})"
            met = "yes" if verdict["met"] else "**no**"
            lines.append(f"| {' | '.join([*head, verdict['goal'], ratio, met, counted])} |")
            head, counted = ["", "", ""], ""
    return "\n".join(lines)


def figure(milliseconds: float) -> str:
    """Three significant digits, two below a hundredth."""
    if milliseconds >= 100:
        return f"{milliseconds:.0f}"
    if milliseconds < 0.01:
        return f"{milliseconds:.2g}"
    return f"{milliseconds:.1f}" if milliseconds >= 10 else f"{milliseconds:.2f}"
