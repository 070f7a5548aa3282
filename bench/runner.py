"""Runs the benchmarks one after another, says what it sees and keeps it."""

import sys
from collections.abc import Sequence

from bench import (
    audit_1k,
    audit_100k,
    audit_save,
    create10,
    create10_guards,
    create10_parts,
    create_batch100,
    jwt_verify,
    list50,
    login,
    login_storm,
    report,
    request_overhead,
    tenant_list,
)
from bench.harness import Options, WrongResult, measure
from bench.peers import schema
from bench.world import World

BENCHMARKS = {
    "create10": create10.trial,
    "create10_parts": create10_parts.trial,
    "create10_guards": create10_guards.trial,
    "create_batch100": create_batch100.trial,
    "list50": list50.trial,
    "tenant_list": tenant_list.trial,
    "request_overhead": request_overhead.trial,
    "jwt_verify": jwt_verify.trial,
    "login": login.trial,
    "login_storm": login_storm.trial,
    "audit_save": audit_save.trial,
    "audit_1k": audit_1k.trial,
    "audit_100k": audit_100k.trial,
}


def run(names: Sequence[str], options: Options) -> int:
    """Measure the named benchmarks, or all; 1 if one of them is unknown or does its work wrongly."""
    if unknown := set(names) - BENCHMARKS.keys():
        print(f"no benchmark named {', '.join(sorted(unknown))}: there are {', '.join(BENCHMARKS)}")
        return 1
    schema.create()
    failures = 0
    for name in names or BENCHMARKS:
        try:
            with BENCHMARKS[name](World(options.scale)) as trial:
                measured = measure(name, trial, options)
        except WrongResult as error:
            print(f"{name}: wrong result, nothing measured. {error}", file=sys.stderr)
            failures += 1
            continue
        print(report.text(measured), flush=True)
        report.keep(measured)
    return 1 if failures else 0
