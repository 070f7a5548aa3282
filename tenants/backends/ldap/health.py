"""Which servers of which directory have failed a moment ago, as this process has seen it.

So that the first of two servers, while it is down, does not cost every login its time limit; and that
a directory that hangs as a whole does not hold every thread of the service: after a few failures in a
row the answer is "unavailable" at once, until the time is over.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tenants.backends.ldap.errors import Unreachable
from tenants.backends.ldap.settings import LdapSettings, Server

REST_SECONDS: Final = 5.0
_FAILURES_IN_A_ROW: Final = 3
_MOST_ENTRIES = 10_000

# By the whole configuration: a tenant that names another one's server cannot make that one seem down.
_Key = tuple[LdapSettings, Server]


@dataclass(slots=True)
class _Failures:
    count: int
    last_at: float


_lock = threading.Lock()
_failures: dict[_Key, _Failures] = {}


def in_order(settings: LdapSettings, servers: Sequence[Server]) -> list[Server]:
    """The servers as configured, those last that have just failed.

    Raises Unreachable at once if each of them has failed several times in a row and just now.
    """
    now = time.monotonic()
    resting = {server: _resting(settings, server, now) for server in servers}
    if servers and all(count >= _FAILURES_IN_A_ROW for count in resting.values()):
        raise Unreachable("connect", "No server has answered a moment ago.")
    return sorted(servers, key=lambda server: resting[server] > 0)


def failed(settings: LdapSettings, server: Server) -> None:
    with _lock:
        if len(_failures) >= _MOST_ENTRIES:
            _failures.clear()
        seen = _failures.setdefault((settings, server), _Failures(0, 0.0))
        seen.count += 1
        seen.last_at = time.monotonic()


def answered(settings: LdapSettings, server: Server) -> None:
    with _lock:
        _failures.pop((settings, server), None)


def _resting(settings: LdapSettings, server: Server, now: float) -> int:
    """How often in a row it has failed, 0 if the last time is long enough ago to try again."""
    seen = _failures.get((settings, server))
    return seen.count if seen is not None and now - seen.last_at < REST_SECONDS else 0
