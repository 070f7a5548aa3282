"""An `update()` of 100,000 rows with and without the triggers: time per row stays what it is for 1,000."""

from contextlib import AbstractContextManager

from bench.audit_rows import trial_of
from bench.harness import Goal, Trial
from bench.world import World

ROWS = 100_000


def trial(world: World) -> AbstractContextManager[Trial]:
    """The peer is left out: it took minutes a round."""
    return trial_of(world.sized(ROWS), goals=[Goal("no audit", "at most", 3.5)], most_calls=1, peer_rows=None)
