"""Servers that speak just enough LDAP, or TLS, or nothing: what slapd cannot be made to do.

`Wire` records every request as it came over the wire and answers from a script; `front` puts other
certificates, or silence, before a server.
"""

import selectors
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from pyasn1.codec.ber import decoder
from pyasn1_modules import rfc2251

from tests.tenants.ldap.certificates import Files

_CHUNK = 65536

_KINDS = {0x60: "bindRequest", 0x63: "searchRequest", 0x66: "modifyRequest", 0x77: "extendedReq"}

Answer = tuple[int, str]
Found = tuple[str, Mapping[str, Sequence[bytes]]]
SUCCESS: Answer = (0, "")
# RFC 4511, 4.1.9.
INVALID_CREDENTIALS, UNWILLING, CONSTRAINT, BUSY, NO_SUCH_OBJECT, REFERRAL = 49, 53, 19, 51, 32, 10
INSUFFICIENT_ACCESS = 50


def everybody(name: str, password: str) -> Answer:
    """Takes any password."""
    del name, password
    return SUCCESS


@dataclass
class Script:
    """What a `Wire` answers: to a bind by name and password, and to searches by their base."""

    bind: Callable[[str, str], Answer] = everybody
    entries: Mapping[str, Sequence[Found]] = field(default_factory=dict)
    modify: Answer = SUCCESS
    start_tls: Answer | None = None
    before_tls: bytes = b""
    refers_to: str = ""


@dataclass
class Wire:
    """A listening server and what it has been told."""

    port: int
    script: Script
    requests: list[tuple[str, Any, bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"ldaps://127.0.0.1:{self.port}"

    def told(self, name: str) -> list[Any]:
        """The requests of one kind, such as "modifyRequest", decoded."""
        return [request for kind, request, _ in self.requests if kind == name]

    def bytes_of(self, name: str) -> list[bytes]:
        """The same as they came."""
        return [raw for kind, _, raw in self.requests if kind == name]


@contextmanager
def wire(files: Files, script: Script, *, is_plain: bool = False) -> Iterator[Wire]:
    """A server that follows `script`; over TLS from the start, unless it `is_plain`."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        served = Wire(listener.getsockname()[1], script)
        context = None if is_plain else _context(files)
        with _serving(listener, lambda peer: _converse(peer, context, served)):
            yield served


@contextmanager
def front(files: Files | None, *, port: int | None = None, silent_after: int | None = None) -> Iterator[int]:
    """The port of a TLS server with this certificate before the plain LDAP at `port`.

    Without a certificate it takes connections and says nothing at all. It falls silent for ever once it
    has passed on `silent_after` answers; without a `port` it is silent after the handshake.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def behind(peer: socket.socket) -> None:
            if files is None:
                _drain(peer)
                return
            with _context(files).wrap_socket(peer, server_side=True) as secured:
                if port is None:
                    _drain(secured)
                    return
                with socket.create_connection(("127.0.0.1", port)) as server:
                    _pass_on(secured, server, silent_after)

        with _serving(listener, behind):
            yield listener.getsockname()[1]


@contextmanager
def _serving(listener: socket.socket, behave: Callable[[socket.socket], None]) -> Iterator[None]:
    peers: list[socket.socket] = []

    def one(peer: socket.socket) -> None:
        with peer, suppress(OSError, ssl.SSLError):
            behave(peer)

    def accept() -> None:
        with suppress(OSError):
            while True:
                peer, _ = listener.accept()
                peers.append(peer)
                threading.Thread(target=one, args=(peer,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        for peer in peers:
            with suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)


def _context(files: Files) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    return context


def _drain(peer: socket.socket) -> None:
    while peer.recv(_CHUNK):
        pass


def _pass_on(secured: ssl.SSLSocket, server: socket.socket, silent_after: int | None) -> None:
    passed = 0
    with selectors.DefaultSelector() as waiting:
        waiting.register(secured, selectors.EVENT_READ)
        waiting.register(server, selectors.EVENT_READ)
        while True:
            for key, _ in waiting.select():
                if key.fileobj is secured:
                    chunk = secured.recv(_CHUNK)
                    server.sendall(chunk)
                else:
                    chunk = server.recv(_CHUNK)
                    passed += 1
                    if silent_after is None or passed <= silent_after or not chunk:
                        secured.sendall(chunk)
                if not chunk:
                    return


def _converse(peer: socket.socket, context: ssl.SSLContext | None, served: Wire) -> None:
    received = b""
    with peer if context is None else context.wrap_socket(peer, server_side=True) as stream:
        while chunk := stream.recv(_CHUNK):
            received += chunk
            while (size := _size_of(received)) and len(received) >= size:
                raw, received = received[:size], received[size:]
                for answer in _answers(raw, served):
                    stream.sendall(answer)


def _size_of(received: bytes) -> int:
    """How long the first message is in all, 0 if that cannot be told yet."""
    if len(received) < 2:
        return 0
    length = received[1]
    if length < 0x80:
        return 2 + length
    digits = length & 0x7F
    if len(received) < 2 + digits:
        return 0
    return 2 + digits + int.from_bytes(received[2 : 2 + digits])


def _answers(raw: bytes, served: Wire) -> list[bytes]:
    if raw[0] != 0x30:
        # No LDAP: a handshake, for one.
        return []
    number, operation = _inside(raw)
    name = _KINDS.get(operation[0], "other")
    # A search is kept as it came: pyasn1-modules knows no filters inside filters.
    is_decoded = name not in ("searchRequest", "other")
    decoded: Any = _decoded(raw)[name] if is_decoded else None
    served.requests.append((name, decoded, raw))
    script = served.script
    if name == "searchRequest":
        base, _ = decoder.decode(_contents(operation))
        found = script.entries.get(bytes(base).decode(), ())
        return [*(_entry(number, dn, values) for dn, values in found), _result(number, 0x65, SUCCESS)]
    if name == "bindRequest":
        password = bytes(decoded["authentication"]["simple"]).decode()
        return [_result(number, 0x61, script.bind(str(decoded["name"]), password), script.refers_to)]
    if name == "modifyRequest":
        return [_result(number, 0x67, script.modify)]
    if name == "extendedReq" and script.start_tls is not None:
        return [_result(number, 0x78, script.start_tls) + script.before_tls]
    return []


def _decoded(raw: bytes) -> Any:
    message, _ = decoder.decode(raw, asn1Spec=rfc2251.LDAPMessage())
    return message["protocolOp"]


def _contents(element: bytes) -> bytes:
    """What is inside of one element, without its tag and length."""
    return element[2 + (element[1] & 0x7F if element[1] >= 0x80 else 0) :]


def _inside(raw: bytes) -> tuple[int, bytes]:
    """The number of a message, and its operation with whatever follows."""
    body = _contents(raw)
    length = body[1]
    return int.from_bytes(body[2 : 2 + length]), body[2 + length :]


def _entry(number: int, dn: str, attributes: Mapping[str, Sequence[bytes]]) -> bytes:
    listed = b"".join(
        _element(0x30, _element(0x04, name.encode()) + _element(0x31, _strings(values)))
        for name, values in attributes.items()
    )
    return _message(number, _element(0x64, _element(0x04, dn.encode()) + _element(0x30, listed)))


def _result(number: int, tag: int, answer: Answer, refers_to: str = "") -> bytes:
    code, text = answer
    body = _element(0x0A, bytes([code])) + _strings([b"", text.encode()])
    if refers_to:
        body += _element(0xA3, _strings([refers_to.encode()]))
    return _message(number, _element(tag, body))


def _message(number: int, operation: bytes) -> bytes:
    return _element(0x30, _element(0x02, number.to_bytes(4)) + operation)


def _strings(values: Sequence[bytes]) -> bytes:
    return b"".join(_element(0x04, value) for value in values)


def _element(tag: int, contents: bytes) -> bytes:
    # Four bytes of length in any case: BER allows it, and servers of vendors do it.
    return bytes([tag, 0x84]) + len(contents).to_bytes(4) + contents
