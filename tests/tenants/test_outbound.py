"""The outbound client against real servers on loopback, the bad ones above all."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pytest_django.fixtures import Settings

from tenants import outbound
from tenants.addresses import AddressRefused, HostUnknown
from tenants.outbound import (
    BREAKER_FAILURES,
    AnswerRefused,
    BreakerOpen,
    CertificateRefused,
    OutboundFailed,
    OutboundTimeout,
)


class Peer(BaseHTTPRequestHandler):
    """Answers by path; `server.seen` keeps method, path, headers and body of each request."""

    protocol_version = "HTTP/1.1"
    server: "PeerServer"

    def log_message(self, *_: Any) -> None:
        return

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append((self.command, self.path, dict(self.headers), body))
        behave = getattr(self, "on_" + self.path.strip("/").split("/")[0].split("?")[0], self.on_ok)
        with suppress(OSError):
            behave()

    do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815

    def answer(self, status: int, content: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def on_ok(self) -> None:
        self.answer(200, b'{"ok":true}', Set_Cookie="session=theirs", X_Mark="yes")

    def on_teapot(self) -> None:
        self.answer(418)

    def on_big(self) -> None:
        self.send_response(200)
        self.end_headers()
        for _ in range(1000):
            self.wfile.write(b"x" * 65536)

    def on_gzip(self) -> None:
        self.answer(200, b"\x1f\x8b", Content_Encoding="gzip")

    def on_drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        while not self.server.closing.wait(0.05):
            self.wfile.write(b".")

    def on_headers(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not self.server.closing.wait(0.05):
            self.wfile.write(b"X-Drip: 1\r\n")

    def on_silent(self) -> None:
        self.server.closing.wait(30)

    def on_hangup(self) -> None:
        self.connection.shutdown(socket.SHUT_RDWR)

    def on_redirect(self) -> None:
        self.answer(307, Location=self.server.target)

    def on_loop(self) -> None:
        self.answer(302, Location="/loop")

    def on_flaky(self) -> None:
        calls = sum(1 for _, path, _, _ in self.server.seen if path == self.path)
        if calls < 3:
            self.answer(503)
        else:
            self.on_ok()


class PeerServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Peer)
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []
        self.closing = threading.Event()
        self.target = ""
        scheme = "http"
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
            scheme = "https"
        self.url = f"{scheme}://localhost:{self.server_address[1]}"

    def handle_error(self, *_: Any) -> None:
        return


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[PeerServer]:
    server = PeerServer(tls)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def peer() -> Iterator[PeerServer]:
    with serving() as server:
        yield server


@pytest.fixture(autouse=True)
def loopback_is_open(settings: Settings) -> Iterator[None]:
    settings.OUTBOUND_ALLOW_LOOPBACK = True
    yield
    outbound.close()


def timed(act: Callable[[], Any]) -> float:
    started = time.monotonic()
    act()
    return time.monotonic() - started


def test_an_answer_of_any_status_is_an_answer(peer: PeerServer) -> None:
    answer = outbound.call("POST", peer.url + "/ok", content=b"{}", headers={"X-Ours": "1"})
    assert (answer.status, answer.content, answer.ok) == (200, b'{"ok":true}', True)
    assert (answer.headers["x-mark"], answer.url) == ("yes", peer.url + "/ok")
    assert outbound.call("GET", peer.url + "/teapot").status == 418
    method, path, headers, body = peer.seen[0]
    assert (method, path, body, headers["X-Ours"]) == ("POST", "/ok", b"{}", "1")
    assert headers["Host"] == peer.url.removeprefix("http://")
    assert headers["Accept-Encoding"] == "identity"


def test_nothing_is_remembered_between_calls(peer: PeerServer) -> None:
    for _ in range(2):
        outbound.call("GET", peer.url + "/ok")
    assert all("Cookie" not in headers for _, _, headers, _ in peer.seen)


def test_proxies_of_the_environment_are_not_used(peer: PeerServer, monkeypatch: pytest.MonkeyPatch) -> None:
    outbound.close()
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert outbound.call("GET", peer.url + "/ok").ok


def test_loopback_is_closed_unless_a_setting_opens_it(peer: PeerServer, settings: Settings) -> None:
    settings.OUTBOUND_ALLOW_LOOPBACK = False
    for url in (peer.url, peer.url.replace("localhost", "127.0.0.1"), peer.url.replace("localhost", "127.1")):
        with pytest.raises(AddressRefused):
            outbound.call("GET", url + "/ok")
    assert peer.seen == []


def test_a_network_is_open_to_the_call_that_says_so_and_to_no_later_one(
    peer: PeerServer, settings: Settings
) -> None:
    settings.OUTBOUND_ALLOW_LOOPBACK = False
    ours = [ip_network("127.0.0.0/8"), ip_network("::1/128")]
    assert outbound.call("GET", peer.url + "/ok", networks=ours).ok
    with pytest.raises(AddressRefused):
        outbound.call("GET", peer.url + "/ok")
    assert len(peer.seen) == 1


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/", "http://169.254.169.254/", "http://[fd00::1]/", "http://2130706433/"]
)
def test_a_closed_address_is_refused_even_where_loopback_is_open(url: str) -> None:
    with pytest.raises(AddressRefused):
        outbound.call("GET", url)


@pytest.mark.parametrize(
    "url", ["ftp://localhost/", "file:///etc/passwd", "http://a:b@localhost/", "http://", "x", "http://[::1"]
)
def test_what_is_no_plain_web_address_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        outbound.call("GET", url)


@pytest.mark.parametrize(
    "target",
    [
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:10.0.0.1]/",
        "http://2130706433/",
        "//192.168.0.1/",
    ],
)
def test_a_redirect_is_judged_like_the_first_address(peer: PeerServer, target: str) -> None:
    peer.target = target
    with pytest.raises(AddressRefused):
        outbound.call("POST", peer.url + "/redirect", content=b"{}", redirects=3)
    assert len(peer.seen) == 1


def test_a_redirect_to_another_scheme_is_refused(peer: PeerServer) -> None:
    peer.target = "file:///etc/passwd"
    with pytest.raises((OutboundFailed, AddressRefused)):
        outbound.call("GET", peer.url + "/redirect", redirects=3, attempts=1)


def test_a_redirect_is_followed_only_when_asked_and_not_for_ever(peer: PeerServer) -> None:
    peer.target = peer.url + "/ok"
    assert outbound.call("GET", peer.url + "/redirect").status == 307
    assert outbound.call("GET", peer.url + "/redirect", redirects=1).url == peer.url + "/ok"
    with pytest.raises(AnswerRefused):
        outbound.call("GET", peer.url + "/loop", redirects=3)


def test_a_secret_does_not_follow_a_redirect_to_another_host(peer: PeerServer) -> None:
    with serving() as elsewhere:
        peer.target = elsewhere.url + "/ok"
        outbound.call("GET", peer.url + "/redirect", headers={"Authorization": "Bearer s"}, redirects=1)
        assert "Authorization" in peer.seen[0][2]
        assert "Authorization" not in elsewhere.seen[0][2]


def test_a_second_answer_of_the_name_server_changes_nothing(
    peer: PeerServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    port = peer.server_address[1]

    def rebinding(host: str, *_: Any) -> Any:
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "10.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    real = socket.getaddrinfo

    def resolver(host: str, *rest: Any, **named: Any) -> Any:
        return rebinding(host) if host == "rebinding.example" else real(host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    assert outbound.call("GET", f"http://rebinding.example:{port}/ok").ok
    assert asked == ["rebinding.example"]
    assert peer.seen[0][2]["Host"] == f"rebinding.example:{port}"


def test_an_unknown_host_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(HostUnknown):
        outbound.call("GET", "http://nowhere.example/")


@pytest.mark.parametrize("path", ["/drip", "/headers", "/silent"])
def test_a_peer_that_drips_gains_no_time(peer: PeerServer, path: str) -> None:
    def attempt() -> None:
        with pytest.raises(OutboundTimeout):
            outbound.call("GET", peer.url + path, deadline=0.4, max_bytes=10**9)

    assert timed(attempt) < 1.5


def test_a_name_server_that_sleeps_gains_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    awake = threading.Event()

    def slow(*_: Any, **__: Any) -> Any:
        awake.wait(10)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", slow)

    def attempt() -> None:
        with pytest.raises(HostUnknown):
            outbound.call("GET", "http://slow.example/", deadline=0.3)

    assert timed(attempt) < 1.5
    awake.set()


def test_an_answer_over_the_limit_is_cut_off(peer: PeerServer) -> None:
    with pytest.raises(AnswerRefused):
        outbound.call("GET", peer.url + "/big", max_bytes=100_000)
    with pytest.raises(AnswerRefused):
        outbound.call("GET", peer.url + "/gzip")


def test_only_what_may_be_repeated_is(peer: PeerServer) -> None:
    assert outbound.call("GET", peer.url + "/flaky/get").status == 200
    assert outbound.call("POST", peer.url + "/flaky/post").status == 503
    assert outbound.call("POST", peer.url + "/flaky/key", idempotent=True).status == 200
    assert outbound.call("PUT", peer.url + "/flaky/once", attempts=1).status == 503
    calls = [path for _, path, _, _ in peer.seen]
    assert [calls.count(f"/flaky/{name}") for name in ("get", "post", "key", "once")] == [3, 1, 3, 1]


def test_a_call_that_was_cut_off_is_not_repeated_by_itself(peer: PeerServer) -> None:
    with pytest.raises(OutboundFailed):
        outbound.call("POST", peer.url + "/hangup", content=b"{}")
    assert len(peer.seen) == 1


def test_a_host_that_keeps_failing_is_left_alone() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://localhost:{unused.getsockname()[1]}/"
        for _ in range(outbound.BREAKER_FAILURES):
            with pytest.raises(OutboundFailed):
                outbound.call("POST", url)
        with pytest.raises(BreakerOpen) as refusal:
            outbound.call("POST", url)
    assert 0 < (refusal.value.retry_after or 0) <= outbound.BREAKER_SECONDS


def test_a_host_that_recovers_is_called_again(peer: PeerServer) -> None:
    for _ in range(outbound.BREAKER_FAILURES):
        with pytest.raises(OutboundFailed):
            outbound.call("POST", peer.url + "/hangup")
    with pytest.raises(BreakerOpen):
        outbound.call("POST", peer.url + "/ok")
    _, storage = outbound._breaker("localhost", peer.server_address[1])
    storage.opened_at = datetime.now(UTC) - timedelta(seconds=outbound.BREAKER_SECONDS + 1)
    assert outbound.call("POST", peer.url + "/ok").ok
    assert outbound.call("POST", peer.url + "/ok").ok


def test_answers_that_refuse_do_not_open_the_breaker(peer: PeerServer) -> None:
    for _ in range(outbound.BREAKER_FAILURES + 1):
        with pytest.raises(AnswerRefused):
            outbound.call("GET", peer.url + "/gzip")
    assert outbound.call("GET", peer.url + "/ok").ok


def test_a_slow_host_is_called_by_many_at_once(peer: PeerServer) -> None:
    def wait_for_it(_: int) -> None:
        with pytest.raises(OutboundTimeout):
            outbound.call("POST", peer.url + "/silent", deadline=0.5)

    with ThreadPoolExecutor(4) as pool:
        assert timed(lambda: list(pool.map(wait_for_it, range(4)))) < 1.5


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for the name `localhost`, and for no address."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    encoding = serialization.Encoding.PEM
    path.write_bytes(
        key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(encoding)
    )
    return path


@pytest.fixture
def secure_peer(certificate: Path) -> Iterator[tuple[PeerServer, list[str | None]]]:
    """A TLS server and the names its callers asked for."""
    names: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _, name, __: names.append(name)
    with serving(context) as server:
        yield server, names


def test_certificate_and_sni_are_those_of_the_name_not_of_the_pinned_address(
    secure_peer: tuple[PeerServer, list[str | None]], certificate: Path
) -> None:
    server, names = secure_peer
    trust = ssl.create_default_context(cafile=str(certificate))
    assert outbound.call("GET", server.url + "/ok", tls=trust).ok
    assert names == ["localhost"]
    with pytest.raises(OutboundFailed):
        outbound.call("POST", server.url.replace("localhost", "127.0.0.1") + "/ok", tls=trust)


def test_whom_one_caller_does_not_trust_is_not_closed_to_others(
    secure_peer: tuple[PeerServer, list[str | None]], certificate: Path
) -> None:
    peer, _ = secure_peer
    stranger = ssl.create_default_context()
    for _ in range(BREAKER_FAILURES + 1):
        with pytest.raises(CertificateRefused):
            outbound.call("GET", peer.url + "/ok", tls=stranger)
    trust = ssl.create_default_context(cafile=str(certificate))
    assert outbound.call("GET", peer.url + "/ok", tls=trust).ok


def test_an_unknown_certificate_is_refused(secure_peer: tuple[PeerServer, list[str | None]]) -> None:
    server, _ = secure_peer
    with pytest.raises(OutboundFailed):
        outbound.call("POST", server.url + "/ok")
    assert server.seen == []


def test_a_redirect_from_https_to_http_is_refused(
    secure_peer: tuple[PeerServer, list[str | None]], certificate: Path, peer: PeerServer
) -> None:
    server, _ = secure_peer
    server.target = peer.url + "/ok"
    trust = ssl.create_default_context(cafile=str(certificate))
    with pytest.raises(AnswerRefused):
        outbound.call("GET", server.url + "/redirect", tls=trust, redirects=1)
    assert peer.seen == []
