"""The SMTP transport against a small server on a real socket."""

import datetime
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.core.exceptions import ImproperlyConfigured

from tenants.transports.base import Envelope, MailRefused, MailUnavailable
from tenants.transports.smtp import Server, SmtpTransport

ENVELOPE = Envelope("<1@example.com>", "invoices@example.com", ["ada@example.com", "bob@example.com"])
CONTENT = b"Subject: hello\r\n\r\n.dot\r\n"


class MailServer(threading.Thread):
    """Speaks as much SMTP as the tests need; `replies` replaces answers by command or whole line."""

    def __init__(self, replies: Mapping[str, str], context: ssl.SSLContext | None = None) -> None:
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.replies = replies
        self.context = context
        self.messages: list[bytes] = []
        self.logins: list[str] = []
        self.start()

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with suppress(OSError), ExitStack() as opened:
                self._converse(opened.enter_context(connection), opened)

    def _converse(self, connection: socket.socket, opened: ExitStack) -> None:
        stream = opened.enter_context(connection.makefile("rwb", buffering=0))
        stream.write(self.replies.get("HELLO", "220 ready").encode() + b"\r\n")
        while line := stream.readline():
            words = line.decode().strip()
            command = words.split(" ", 1)[0].split(":")[0].upper()
            reply = self.replies.get(words, self.replies.get(command, self._default(command)))
            if command == "AUTH":
                self.logins.append(words)
            for part in reply.split("\n"):
                stream.write(part.encode() + b"\r\n")
            if command == "STARTTLS" and self.context:
                connection = opened.enter_context(self.context.wrap_socket(connection, server_side=True))
                stream = opened.enter_context(connection.makefile("rwb", buffering=0))
            if command == "DATA" and reply.startswith("354"):
                content = b""
                while (line := stream.readline()) != b".\r\n":
                    content += line
                self.messages.append(content)
                stream.write(self.replies.get("END", "250 queued").encode() + b"\r\n")
            if command == "QUIT":
                return

    def _default(self, command: str) -> str:
        extensions = (
            "250-example\n250-STARTTLS\n250 AUTH PLAIN" if self.context else "250-example\n250 AUTH PLAIN"
        )
        known = {
            "EHLO": extensions,
            "DATA": "354 go on",
            "QUIT": "221 bye",
            "AUTH": "235 welcome",
            "STARTTLS": "220 go",
        }
        return known.get(command, "250 fine")


Serve = Callable[..., MailServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """`serve(RCPT="550 no")`: a server that answers so; `lines` is by whole lines."""
    servers: list[MailServer] = []

    def start(
        context: ssl.SSLContext | None = None, lines: Mapping[str, str] | None = None, **replies: str
    ) -> MailServer:
        servers.append(MailServer({**replies, **(lines or {})}, context))
        return servers[-1]

    yield start
    for server in servers:
        server.listener.close()


def transport_to(
    server: MailServer, url: str = "smtp://127.0.0.1:{port}", **settings: object
) -> SmtpTransport:
    return SmtpTransport(Server.from_url(url.format(port=server.port)), **settings)  # type: ignore[arg-type]


def test_a_message_arrives_as_it_was_composed(serve: Serve) -> None:
    server = serve()
    assert transport_to(server).deliver(ENVELOPE, CONTENT) == "accepted"
    assert server.messages == [CONTENT.replace(b"\r\n.dot", b"\r\n..dot")]


@pytest.mark.parametrize("where", ["MAIL", "RCPT", "DATA", "END"])
@pytest.mark.parametrize(("code", "error"), [("550", MailRefused), ("451", MailUnavailable)])
def test_final_and_passing_refusals_are_told_apart(
    where: str, code: str, error: type[Exception], serve: Serve
) -> None:
    with pytest.raises(error):
        transport_to(serve(**{where: f"{code} no"})).deliver(ENVELOPE, CONTENT)


def test_one_refused_recipient_does_not_send_the_others_theirs_twice(serve: Serve) -> None:
    server = serve(lines={"rcpt TO:<bob@example.com>": "550 who?"})
    assert transport_to(server).deliver(ENVELOPE, CONTENT) == "accepted, refused for bob@example.com"


def test_a_dead_server_may_come_back() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(MailUnavailable):
        SmtpTransport(Server.from_url(f"smtp://127.0.0.1:{port}")).deliver(ENVELOPE, CONTENT)


def test_a_server_that_never_answers_is_left_after_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_drip, args=[listener], daemon=True).start()
        url = f"smtp://127.0.0.1:{listener.getsockname()[1]}"
        started = time.monotonic()
        with pytest.raises(MailUnavailable):
            SmtpTransport(Server.from_url(url), total_timeout=0.5).deliver(ENVELOPE, CONTENT)
        assert time.monotonic() - started < 5


def _drip(listener: socket.socket) -> None:
    """A letter at a time, each well within the time for one step."""
    connection, _ = listener.accept()
    never = threading.Event()
    with connection, suppress(OSError):
        for letter in b"220 " + b"x" * 1_000:
            connection.sendall(bytes([letter]))
            never.wait(0.05)


def test_tls_is_demanded_and_the_certificate_checked(serve: Serve, tmp_path: Path) -> None:
    server_side, client_side = certificates(tmp_path)
    url = "smtp+tls://ada:secret@127.0.0.1:{port}"
    server = serve(context=server_side)
    with pytest.raises(MailUnavailable):
        transport_to(server, url).deliver(ENVELOPE, CONTENT)
    with pytest.raises(MailUnavailable):
        transport_to(serve(), url, context=client_side).deliver(ENVELOPE, CONTENT)
    assert (server.logins, server.messages) == ([], [])
    assert transport_to(server, url, context=client_side).deliver(ENVELOPE, CONTENT) == "accepted"
    assert len(server.logins) == len(server.messages) == 1


@pytest.mark.parametrize(
    "url", ["http://mail.example.com", "smtp://", "mail.example.com", "smtp://ada:secret@mail.example.com"]
)
def test_a_url_that_is_wrong_or_gives_the_password_away_is_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        Server.from_url(url)
    assert "secret" not in str(caught.value)


def certificates(directory: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Contexts of a server at 127.0.0.1 with a certificate of its own, and of a client that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (directory / "server.pem").write_bytes(secret + pem)
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(directory / "server.pem")
    return server_side, ssl.create_default_context(cadata=pem.decode())
