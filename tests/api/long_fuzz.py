"""What `python -m tests.api.fuzz` runs; not part of the suite, which has its short form."""

import argparse

from tests.api.fuzzing import MODES, Report, fuzz, operations, unreached

# Small rounds, each with a seed and a tenant of its own: what one leaves behind does not narrow the next.
ROUND = 25


def test_every_answer_is_as_documented(arguments: argparse.Namespace) -> None:
    versions = arguments.version or ["v1", "v2"]
    total = Report()
    number = arguments.seed
    kinds = len(MODES) * sum(len(operations(version)) for version in versions)
    while total.calls < arguments.cases:
        share = (arguments.cases - total.calls) // kinds
        for version in versions:
            report = fuzz(version, examples=max(1, min(ROUND, share)), seed_number=number)
            total.add(report)
            print(f"{version} seed {number}: {report.calls} calls, {len(report.findings)} findings")
        number += 1
    for version in versions:
        for label in unreached(version, total):
            why = {status: times for (name, status), times in total.refused.items() if name == label}
            print(f"never got through: {label} {why}")
    for finding, call in total.findings.items():
        print(f"{finding}\n    {call}\n")
    print(f"{total.calls} calls: {dict(sorted(total.statuses.items()))}; {len(total.findings)} findings")
    assert not total.findings
