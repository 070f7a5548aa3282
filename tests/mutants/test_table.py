"""The table of guards says what is there; whether tests notice their absence is shown by `make mutants`."""

import pytest

from tests.mutants.guard import Guard
from tests.mutants.guards import EVERY
from tests.mutants.run import REPOSITORY


@pytest.mark.parametrize("guard", EVERY, ids=lambda guard: guard.name)
def test_the_guard_is_where_the_table_says(guard: Guard) -> None:
    for path, text, replacement in guard.edits:
        assert text in (REPOSITORY / path).read_text(encoding="utf-8")
        assert text != replacement
    for test in guard.tests:
        assert (REPOSITORY / test.partition("::")[0]).exists()


def test_no_two_guards_have_one_name() -> None:
    assert len({guard.name for guard in EVERY}) == len(EVERY)
