"""What `python -m tests.isolation.sweep` runs; not part of the suite, which has its short form."""

import argparse
import json
import os
from collections import Counter

from tests.isolation import layers
from tests.isolation.layers import Layer
from tests.isolation.sweep import ARGUMENTS
from tests.isolation.sweeping import Sweep


def test_the_whole_surface(unprotected: str) -> None:
    arguments = argparse.Namespace(**json.loads(os.environ[ARGUMENTS]))
    with layers.only(Layer(arguments.layer), unprotected):
        sweep = Sweep(seed=arguments.seed)
        report = sweep.report
        print(f"\n{arguments.layer}: {sweep.theirs.canaries.count} canaries, {len(sweep.routes)} routes")
        sweep.run(arguments.calls)
        print(f"{report.calls} calls: {dict(sorted(report.statuses.items()))}")
        sweep.run_influence()
        print("read, changed the other tenant, read again")
        if arguments.interleaved:
            before = report.calls
            sweep.run_interleaved(arguments.interleaved)
            print(f"{report.calls - before} calls of both tenants over two connections")
    for name in report.shallow:
        print(f"never got beyond the first refusals: {name}")
    for finding, times in Counter(report.findings).most_common(50):
        print(f"{times} × {finding}")
    print(f"{report.calls} calls, {len(report.findings)} findings")
    assert not report.findings
