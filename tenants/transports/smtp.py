"""Mail through an SMTP server, with deadlines and checked certificates."""

import logging
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Timer
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from tenants.transports.base import Envelope, MailRefused, MailUnavailable

logger = logging.getLogger(__name__)

# Seconds: for one answer of the server, and for a whole delivery however slowly it drips.
STEP_TIMEOUT = 10.0
TOTAL_TIMEOUT = 60.0
DEFAULT_PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Server:
    """`scheme`: smtp (in the clear), smtp+tls (STARTTLS, demanded) or smtp+ssl (TLS from the start)."""

    scheme: str
    host: str
    port: int
    username: str
    password: str

    @classmethod
    def from_url(cls, url: str) -> "Server":
        """`smtp+tls://user:password@mail.example.com:587`. Raises ImproperlyConfigured, without the URL."""
        parts = urlsplit(url)
        if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
            raise ImproperlyConfigured("MAIL_URL must be smtp://, smtp+tls:// or smtp+ssl:// with a host.")
        server = cls(
            parts.scheme,
            parts.hostname,
            parts.port or DEFAULT_PORTS[parts.scheme],
            unquote(parts.username or ""),
            unquote(parts.password or ""),
        )
        if server.password and server.scheme == "smtp" and server.host not in LOOPBACK:
            raise ImproperlyConfigured("MAIL_URL has a password: use smtp+tls:// or smtp+ssl://.")
        return server


class SmtpTransport:
    """One connection for each message. `context` is for tests with a certificate of their own."""

    name = "smtp"

    def __init__(
        self,
        server: Server,
        *,
        hello: str = "localhost",
        context: ssl.SSLContext | None = None,
        total_timeout: float = TOTAL_TIMEOUT,
    ) -> None:
        self.server = server
        self.hello = hello
        self.context = context or ssl.create_default_context()
        self.total_timeout = total_timeout

    def deliver(self, envelope: Envelope, content: bytes) -> str:
        try:
            with self._session() as client:
                refused = client.sendmail(envelope.sender, list(envelope.recipients), content)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise MailRefused if all(code >= 500 for code in codes) else MailUnavailable from None
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
            raise MailRefused if error.smtp_code >= 500 else MailUnavailable from None
        except (smtplib.SMTPException, OSError) as error:
            logger.warning("mail server %s: %s", self.server.host, type(error).__name__)
            raise MailUnavailable from None
        if refused:
            # The others have it: another attempt would send it to them twice.
            logger.warning("mail %s was refused for %d recipients", envelope.message_id, len(refused))
            return f"accepted, refused for {', '.join(sorted(refused))}"[:300]
        return "accepted"

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        client = self._connect()
        try:
            if self.server.scheme == "smtp+tls":
                client.starttls(context=self.context)
            if self.server.username:
                client.login(self.server.username, self.server.password)
            yield client
            with suppress(smtplib.SMTPException, OSError):
                client.quit()
        finally:
            client.watchdog.cancel()
            client.close()

    def _connect(self) -> "_Plain | _Encrypted":
        host, port = self.server.host, self.server.port
        if self.server.scheme == "smtp+ssl":
            return _Encrypted(
                host,
                port,
                local_hostname=self.hello,
                timeout=STEP_TIMEOUT,
                context=self.context,
                total_timeout=self.total_timeout,
            )
        return _Plain(
            host,
            port,
            local_hostname=self.hello,
            timeout=STEP_TIMEOUT,
            total_timeout=self.total_timeout,
        )


class _Watched:
    """Cuts the connection when the whole conversation, greeting included, takes too long."""

    sock: socket.socket | None = None

    def __init__(self, *args: Any, total_timeout: float, **kwargs: Any) -> None:
        self.watchdog = Timer(total_timeout, self._cut)
        self.watchdog.daemon = True
        self.watchdog.start()
        try:
            super().__init__(*args, **kwargs)
        except BaseException:
            self.watchdog.cancel()
            raise

    def _cut(self) -> None:
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


class _Plain(_Watched, smtplib.SMTP):
    pass


class _Encrypted(_Watched, smtplib.SMTP_SSL):
    pass
