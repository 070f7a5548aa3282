"""A login over HTTP in this process, against the comparison of the password alone."""

from collections.abc import Iterator
from contextlib import contextmanager

import orjson

from bench.harness import OURS, Contender, Goal, Trial, expect
from bench.wire import traffic
from bench.world import Caller, World
from tenants.hashing import verify_password
from tenants.models import Session
from tests.factories import PASSWORD, make_member, scope_of

PATH = "/api/v2/auth/token"
# Of a login that takes 1, this much may be anything but the hash.
OTHER_THAN_HASHING = 0.05


@contextmanager
def trial(world: World) -> Iterator[Trial]:
    """Ours looks for tenant and member, counts the attempt, opens a session and writes to the trail."""
    member = make_member(world.ours, password=PASSWORD)
    names = {"tenant": world.ours.slug, "username": member.username}
    right, wrong = (orjson.dumps({**names, "password": each}) for each in (PASSWORD, PASSWORD + "!"))
    caller = Caller()
    expect(orjson.loads(caller("POST", PATH, body=right))["user"]["id"], member.user.public_id, "user")
    caller("POST", PATH, body=wrong, expected="401")
    with scope_of(world.ours):
        expect(Session.objects.filter(membership_id=member.id).count(), 1, "sessions")
    stored = member.user.password
    expect(verify_password(PASSWORD, stored), (True, False), "the hash, made as it is made today")
    yield Trial(
        contenders=[
            Contender(OURS, lambda: caller("POST", PATH, body=right)),
            Contender("hasher", lambda: verify_password(PASSWORD, stored)),
        ],
        goals=[Goal("hasher", "at most", round(1 / (1 - OTHER_THAN_HASHING), 4))],
        facts={"ours": str(traffic(lambda: caller("POST", PATH, body=right)))},
    )
