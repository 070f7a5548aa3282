"""An `update()` of 1,000 rows with triggers, without them, and with django-simple-history's bulk helper."""

from contextlib import AbstractContextManager

from bench.audit_rows import trial_of
from bench.harness import Goal, Trial
from bench.world import World


def trial(_world: World) -> AbstractContextManager[Trial]:
    """Against `update()` on the same table without triggers."""
    return trial_of(
        1000,
        goals=[Goal("no audit", "at most", 3.5), Goal("simple-history", "at least", 30)],
        most_calls=5,
        peer_rows=1000,
    )
