"""When a name is locked, and for whom.

An attempt counts against the name and the place it comes from. A network from which the bearer of the
name has logged in within ninety days is a place of its own; all others together are one. Whoever guesses
from somewhere else thereby locks the name for strangers, never for its bearer at the usual desk.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from tenants.domain.usernames import folded

KNOWN_FOR: Final = timedelta(days=90)
ELSEWHERE: Final = b""


@dataclass(frozen=True, slots=True)
class Rule:
    """`quota` failures within `window` lock for `shortest`, each one after that for twice as long.

    Never longer than `longest`; after `memory` without a failure all is forgotten.
    """

    quota: int
    window: timedelta
    shortest: timedelta
    longest: timedelta
    memory: timedelta = timedelta(days=1)


def digest_of_name(slug: str, username: str) -> bytes:
    """What is kept of a name at a tenant's door, the same under any spelling of the name.

    Otherwise each spelling that a directory takes for the same person would be good for further guesses.
    With the slug, because all names that no tenant has are counted in one place.
    """
    return hashlib.sha256(f"{slug}\0{folded(username)}".encode()).digest()


def network_of(address: str) -> str | None:
    """The network that counts as one caller: an IPv4 address, an IPv6 /64; None where nothing is known."""
    if not address:
        return None
    bits = 64 if isinstance(ip_address(address), IPv6Address) else 32
    return str(ip_network(f"{address}/{bits}", strict=False))


def digest_of_place(network: str | None) -> bytes:
    """What is kept of a place that is known for a name."""
    return ELSEWHERE if network is None else hashlib.sha256(network.encode()).digest()
