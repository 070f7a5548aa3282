"""Which network addresses this service may be made to talk to (against server-side request forgery).

A tenant chooses the hosts of its webhooks, directories and sources; none of them may lead into our
own network. A name is resolved once, all its addresses are judged, and the connection is made to
one of those very addresses, so that a second answer of the name server changes nothing.
"""

import re
import socket
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as ResolverTimeoutError
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from django.conf import settings

from tenants.errors import DomainError, Kind

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Python's own `is_global` moved between patch releases, so the special blocks are named (RFC 6890 and the
# IANA registries): shared address space, protocol assignments, documentation, 6to4 relays, benchmarks.
_CLOSED_V4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/3",
        ),
    )
)
# Only global unicast is open, and of that not the blocks which carry an IPv4 address inside (6to4, Teredo)
# or belong to protocols and documentation. NAT64 (64:ff9b::) lies outside of 2000::/3.
_OPEN_V6 = IPv6Network("2000::/3")
_CLOSED_V6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
# What a network that was opened never opens: link-local addresses and those, in blocks that look like any
# other, at which clouds tell a machine its secrets (Amazon, Azure, Alibaba, Oracle, Google).
_NEVER = tuple(
    map(
        ip_network,
        (
            "169.254.0.0/16",
            "fe80::/10",
            "fd00:ec2::/32",
            "168.63.129.16/32",
            "100.100.100.200/32",
            "192.0.0.192/32",
            "fd20:ce::254/128",
        ),
    )
)
_NUMERIC_LABEL = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*")

_resolvers = ThreadPoolExecutor(max_workers=8, thread_name_prefix="resolver")


class AddressRefused(DomainError):
    """The address is not a public one; this service does not call it."""

    kind, code = Kind.INVALID, "outbound-address-refused"


class HostUnknown(DomainError):
    """The host name could not be resolved."""

    kind, code = Kind.UNAVAILABLE, "outbound-host-unknown"


def is_open(address: Address, *, also: Collection[Network] = ()) -> bool:
    """Whether we may connect to `address`; loopback only by settings.OUTBOUND_ALLOW_LOOPBACK.

    `also` are networks that are open here beside those of the world.
    """
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if any(address in network for network in _NEVER):
        return False
    if any(address in network for network in also):
        return True
    if address.is_loopback:
        return bool(settings.OUTBOUND_ALLOW_LOOPBACK)
    if isinstance(address, IPv4Address):
        return not any(address in block for block in _CLOSED_V4)
    return address in _OPEN_V6 and not any(address in block for block in _CLOSED_V6)


def resolve(host: str, port: int, *, timeout: float, also: Collection[Network] = ()) -> list[str]:
    """The addresses of `host`, every one of them open or in a network of `also`, within `timeout` seconds.

    Raises AddressRefused if a single one is not, or if the host is a number in disguise
    (2130706433, 0177.0.0.1, 0x7f.1); HostUnknown if there is none.
    """
    ensure_plain_host(host)
    pending = _resolvers.submit(socket.getaddrinfo, host, port, 0, socket.SOCK_STREAM)
    try:
        answers = pending.result(timeout=timeout)
    except (OSError, UnicodeError, ResolverTimeoutError):
        pending.cancel()
        raise HostUnknown from None
    addresses = list(dict.fromkeys(str(answer[4][0]) for answer in answers))
    if not addresses:
        raise HostUnknown
    judged = [ip_address(address.partition("%")[0]) for address in addresses]
    if not all(is_open(address, also=also) for address in judged):
        raise AddressRefused
    return addresses


def ensure_plain_host(host: str) -> None:
    """Raises AddressRefused for a number that is not plainly an IPv4 address, as a resolver might read it."""
    if "%" in host:
        # An IPv6 zone: only local addresses have one.
        raise AddressRefused
    last = host.rstrip(".").rpartition(".")[2]
    if not last or _NUMERIC_LABEL.fullmatch(last):
        try:
            IPv4Address(host)
        except ValueError:
            raise AddressRefused from None


def ensure_callable(url: str, *, timeout: float = 5.0) -> None:
    """Judge a URL before it is stored: http or https, no user in it, open addresses only.

    The verdict holds for now only; every call judges again. Raises AddressRefused, HostUnknown.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise AddressRefused from None
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        raise AddressRefused
    resolve(host, port or (443 if parts.scheme == "https" else 80), timeout=timeout)
