"""A request that does nothing: authenticated and scoped, against the same view without either."""

from collections.abc import Iterator
from contextlib import contextmanager

from bench.harness import OURS, Contender, Goal, Trial, expect
from bench.wire import traffic
from bench.world import Caller, World, bare_handler
from tenants import verified

PATH, OPEN_PATH = "/api/v2/bench/nothing", "/api/v2/bench/nothing-for-anybody"


@contextmanager
def trial(world: World) -> Iterator[Trial]:
    """Over WSGI in this process; both through all other middleware."""
    caller, anybody = Caller(token=world.access_token()), Caller(bare_handler())
    expect(caller("GET", PATH), b"{}", "answer")
    expect(anybody("GET", OPEN_PATH), b"{}", "answer without authentication")
    Caller()("GET", PATH, expected="401")
    Caller(token=caller.token[:-2] + "AA")("GET", PATH, expected="401")

    def unremembered() -> None:
        verified.forget(tenant_id=world.ours.id)
        caller("GET", PATH)

    yield Trial(
        contenders=[
            Contender(OURS, lambda: caller("GET", PATH)),
            Contender("without", lambda: anybody("GET", OPEN_PATH)),
            Contender("ours, token not seen before", unremembered),
        ],
        goals=[Goal("without", "at most", 2)],
        facts={
            "ours": str(traffic(lambda: caller("GET", PATH))),
            "first time in 5 s": str(traffic(unremembered)),
        },
    )
