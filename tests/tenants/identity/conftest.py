"""A cache of verified tokens whose clock tests can move."""

import time
from collections.abc import Callable

import pytest
from django.conf import settings

from tenants import verified


@pytest.fixture
def hasty_cache(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """`hasty_cache(5)`: five seconds have passed for the cache of verified tokens."""
    passed = 0.0

    def move(seconds: float) -> None:
        nonlocal passed
        passed += seconds

    cache = verified.VerifiedTokens(
        settings.MEMBERSHIP_CACHE_SECONDS, clock=lambda: time.monotonic() + passed
    )
    monkeypatch.setattr(verified, "tokens", cache)
    return move
