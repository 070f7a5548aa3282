"""A clone of the databases in which row-level security is switched off."""

from collections.abc import Iterator

import pytest

from tests.isolation import layers


@pytest.fixture(scope="session")
def unprotected() -> Iterator[str]:
    """The name of the clone; use it with `layers.only`."""
    with layers.unprotected_clone() as name:
        yield name
