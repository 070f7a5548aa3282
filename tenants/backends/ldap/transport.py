"""A checked TLS connection to a directory, handed to python-ldap as a socket that speaks plain LDAP.

Not left to OpenLDAP's library, which resolves names anew after we judged their addresses, takes a
tenant's authorities only from files of the machine, bounds single reads and writes but not the whole,
and says "unknown error code" of whatever is wrong with a certificate.
"""

import select
import socket
import ssl
import threading
import time
from typing import Final

from django.conf import settings
from pyasn1.codec.ber import decoder
from pyasn1.error import PyAsn1Error
from pyasn1_modules import rfc2251

from tenants import addresses
from tenants.addresses import AddressRefused, HostUnknown
from tenants.backends.ldap.errors import Unreachable
from tenants.backends.ldap.settings import Server

_CHUNK = 64 * 1024
# The extended request 1.3.6.1.4.1.1466.20037 (RFC 4511, 4.14) as message number 1.
_START_TLS: Final = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x16" + b"1.3.6.1.4.1.1466.20037"
_LONGEST_ANSWER = 4096


class Deadline:
    """A point in time that several steps share."""

    def __init__(self, seconds: float) -> None:
        self._ends_at = time.monotonic() + seconds

    def left(self, most: float | None = None) -> float:
        """Seconds until then, `most` at most; 0.001 once it is over, so that waiting ends at once."""
        left = max(self._ends_at - time.monotonic(), 0.001)
        return left if most is None else min(left, most)

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self._ends_at


def trust(ca_certificates: str) -> ssl.SSLContext:
    """TLS 1.2 or newer, certificate and host name checked, by these authorities or the machine's."""
    context = ssl.create_default_context(cadata=ca_certificates or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def resolve(server: Server, deadline: Deadline) -> list[str]:
    """The addresses of a server, all of which we may connect to. Raises Unreachable."""
    try:
        return addresses.resolve(
            server.host, server.port, timeout=deadline.left(), also=settings.DIRECTORY_NETWORKS
        )
    except HostUnknown:
        raise Unreachable("resolve", "The host name could not be resolved.") from None
    except AddressRefused:
        raise Unreachable(
            "resolve", "The address is not one that this installation may connect to."
        ) from None


def connect(server: Server, found: list[str], deadline: Deadline) -> socket.socket:
    """A connection to the first of the addresses that takes one. Raises Unreachable."""
    reason = "No connection in time."
    for address in found:
        try:
            return socket.create_connection((address, server.port), timeout=deadline.left())
        except OSError as error:
            reason = _reason_of(error)
    raise Unreachable("connect", reason)


def secure(raw: socket.socket, server: Server, context: ssl.SSLContext, deadline: Deadline) -> ssl.SSLSocket:
    """TLS over `raw`, after StartTLS unless the server speaks it from the start. Raises Unreachable."""
    try:
        if not server.is_ldaps:
            _start_tls(raw, deadline)
        raw.settimeout(deadline.left())
        return context.wrap_socket(raw, server_hostname=server.host)
    except (OSError, ValueError) as error:
        raw.close()
        raise Unreachable("tls", _reason_of(error)) from None
    except Unreachable:
        raw.close()
        raise


def plain_end(secured: ssl.SSLSocket, deadline: Deadline) -> socket.socket:
    """A local socket whose every byte travels through `secured`, until either is closed or time is over."""
    ours, theirs = socket.socketpair()
    # A thread for each connection: python-ldap blocks while it waits for an answer.
    threading.Thread(
        target=_carry, args=(secured, theirs, deadline), name="ldap-transport", daemon=True
    ).start()
    return ours


def _start_tls(raw: socket.socket, deadline: Deadline) -> None:
    raw.settimeout(deadline.left())
    raw.sendall(_START_TLS)
    answer = b""
    while True:
        raw.settimeout(deadline.left())
        chunk = raw.recv(_LONGEST_ANSWER)
        answer += chunk
        try:
            message, rest = decoder.decode(answer, asn1Spec=rfc2251.LDAPMessage())
            break
        except PyAsn1Error:
            if not chunk or len(answer) >= _LONGEST_ANSWER or deadline.is_over:
                raise Unreachable("tls", "No LDAP server answers there.") from None
    answered = message["protocolOp"]["extendedResp"] if _is_extended(message) else None
    if answered is None or int(answered["resultCode"]) != 0:
        raise Unreachable("tls", "The server refuses StartTLS.")
    if rest:
        # What came before the handshake may come from anybody on the way (CVE-2011-0411 and its kin).
        raise Unreachable("tls", "The server sent more than its answer to StartTLS.")


def _is_extended(message: rfc2251.LDAPMessage) -> bool:
    return str(message["protocolOp"].getName()) == "extendedResp"


def _carry(secured: ssl.SSLSocket, plain: socket.socket, deadline: Deadline) -> None:
    try:
        with secured, plain:
            waiting = select.poll()
            waiting.register(secured, select.POLLIN)
            waiting.register(plain, select.POLLIN)
            secured.settimeout(0)
            while not deadline.is_over:
                ready = {number for number, _ in waiting.poll(deadline.left() * 1000)}
                if secured.fileno() in ready and not _bring(secured, plain, deadline):
                    return
                if plain.fileno() in ready and not _take(plain, secured, deadline):
                    return
    except OSError:
        # Either side has gone; the other learns it from its own socket, which is closed by now.
        return


def _bring(secured: ssl.SSLSocket, plain: socket.socket, deadline: Deadline) -> bool:
    """Everything that has arrived, to python-ldap; False at its end."""
    while True:
        try:
            chunk = secured.recv(_CHUNK)
        except ssl.SSLWantReadError:
            # Part of a record, or a session ticket: the rest is waited for with both ends in view.
            return True
        if not chunk:
            return False
        plain.settimeout(deadline.left())
        plain.sendall(chunk)


def _take(plain: socket.socket, secured: ssl.SSLSocket, deadline: Deadline) -> bool:
    """What python-ldap has written, to the server; False at its end."""
    chunk = plain.recv(_CHUNK)
    if not chunk:
        return False
    secured.settimeout(deadline.left())
    secured.sendall(chunk)
    secured.settimeout(0)
    return True


def _reason_of(error: OSError | ValueError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"The certificate is refused: {error.verify_message}."
    if isinstance(error, TimeoutError):
        return "No answer in time."
    if isinstance(error, ConnectionRefusedError):
        return "The connection is refused."
    if isinstance(error, ssl.SSLError):
        return f"TLS fails: {(error.reason or 'no further reason').replace('_', ' ').lower()}."
    return "The connection fails."
