"""Whatever the schemas allow or forbid is answered as they say (invariant 15); the long form is `fuzz`."""

import pytest

from tests.api import fuzzing


@pytest.mark.slow
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_every_answer_is_as_documented(version: str) -> None:
    report = fuzzing.fuzz(version, examples=2, seed_number=20261121)
    assert report.findings == {}
    assert report.calls > 100
