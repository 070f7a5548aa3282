"""Nothing of another tenant is seen or touched through any endpoint (invariant 1), and leaks are found.

The long form: `python -m tests.isolation.sweep --calls 20000 --interleaved 10000`.
"""

import pytest

from tests.isolation import layers, surface
from tests.isolation.layers import Layer
from tests.isolation.planted import PREFIX
from tests.isolation.seeds import lists_of
from tests.isolation.sweeping import Sweep

CALLS = 700
PLANTED = "tests.isolation.planted"


@pytest.mark.slow
@pytest.mark.parametrize("layer", list(Layer), ids=str)
def test_no_endpoint_shows_or_changes_another_tenants_data(layer: Layer, unprotected: str) -> None:
    with layers.only(layer, unprotected):
        sweep = Sweep(seed=1)
        assert sweep.theirs.canaries.count >= 200
        assert lists_of(sweep.theirs) == [], "every table of a tenant has rows of the victim"
        report = sweep.run(CALLS)
        called = {name.partition(" ")[2] for name in report.endpoints}
        assert called == {route.template for route in surface.routes()}
        assert report.calls >= CALLS
        assert report.findings == []


@pytest.mark.slow
def test_what_others_do_changes_nothing_about_ones_own_answers() -> None:
    assert Sweep(seed=2).run_influence().findings == []


@pytest.mark.slow
def test_two_tenants_that_share_two_connections_are_kept_apart() -> None:
    report = Sweep(seed=3).run_interleaved(400)
    assert report.statuses[200] > 60
    assert report.findings == []


@pytest.mark.parametrize(
    ("planted", "kind"),
    [
        ("list", "leak"),
        ("count", "influence"),
        ("log", "leak"),
        ("cache", "leak"),
        ("oracle", "oracle"),
        ("write", "write"),
        ("file", "leak"),
        ("header", "leak"),
    ],
)
@pytest.mark.slow
def test_a_planted_leak_is_found(planted: str, kind: str, unprotected: str) -> None:
    with layers.only(Layer.PYTHON, unprotected):
        sweep = Sweep(seed=4, urlconf=PLANTED, only=f"/{PREFIX}{planted}")
        report = sweep.run_influence() if kind == "influence" else sweep.run(200)
    assert kind in report.kinds


@pytest.mark.slow
def test_row_level_security_stands_behind_a_query_that_forgot_the_tenant() -> None:
    report = Sweep(seed=4, urlconf=PLANTED, only=f"/{PREFIX}list").run(60)
    assert report.findings == []
