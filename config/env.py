"""The environment, typed and checked once; only config.settings and the entry points read it.

Without a database in the environment this is development (DEBUG on, secrets made up on the spot). As soon
as a database is named DEBUG is off unless asked for, and secrets have to be given: a default secret never
serves an installation.
"""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Literal, TypeVar, cast, get_args
from urllib.parse import urlsplit

import environ
import psycopg
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

JwtAlgorithm = Literal["HS256", "EdDSA", "RS256"]
MailTransport = Literal["file", "smtp"]
REPOSITORY = Path(__file__).resolve().parent.parent
ALIASES = {
    "default": "DATABASE_URL",
    "owner": "DATABASE_OWNER_URL",
    "platform": "DATABASE_PLATFORM_URL",
    "audit": "AUDIT_DATABASE_URL",
    "audit_owner": "AUDIT_DATABASE_OWNER_URL",
    "audit_platform": "AUDIT_DATABASE_PLATFORM_URL",
}
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
TRUE_WORDS = ("true", "on", "yes", "1")
FALSE_WORDS = ("false", "off", "no", "0")
T = TypeVar("T")


@dataclass(frozen=True)
class Environment:
    """The settings that an installation may choose, each under its variable's name in lower case.

    Properties are read once. A missing or malformed variable raises ImproperlyConfigured with one sentence
    that names it; nothing is guessed.
    """

    source: environ.Env

    @cached_property
    def debug(self) -> bool:
        """DEBUG: on by default only while no database is named."""
        return self._boolean("DEBUG", default=not self._names_a_database)

    @cached_property
    def secret_key(self) -> str:
        """SECRET_KEY: at least 32 characters; made up from this checkout's path in development."""
        given = self._text("SECRET_KEY")
        if given and (self.debug or len(given) >= 32):
            return given
        if given:
            raise ImproperlyConfigured("SECRET_KEY is shorter than 32 characters.")
        self._refuse_default("SECRET_KEY", "a random text of at least 32 characters")
        return "development-" + hashlib.sha256(str(REPOSITORY).encode()).hexdigest()

    @cached_property
    def allowed_hosts(self) -> list[str]:
        """ALLOWED_HOSTS, separated by commas; loopback names by default in development, else none."""
        default = ["127.0.0.1", "localhost", "[::1]", "testserver"] if self.debug else []
        return self._read("ALLOWED_HOSTS", self.source.list, default=default)

    @cached_property
    def databases(self) -> dict[str, dict[str, Any]]:
        """Django's DATABASES for the six aliases, from the six libpq URLs."""
        return {alias: self._database(variable) for alias, variable in ALIASES.items()}

    @cached_property
    def database_pool_size(self) -> int:
        """DATABASE_POOL_SIZE: connections shared by a process's threads; 0 is one kept by each thread.

        An ASGI server needs a pool, because Django runs each of its requests on a thread of its own.
        """
        size = self._read("DATABASE_POOL_SIZE", self.source.int, default=0)
        if not 0 <= size <= 1000:
            raise ImproperlyConfigured("DATABASE_POOL_SIZE must be a number from 0 to 1000.")
        return size

    @cached_property
    def redis_url(self) -> str:
        """REDIS_URL: redis://, rediss:// or unix://."""
        url = self._text("REDIS_URL")
        if not url:
            if self.debug:
                return "redis://127.0.0.1:6379/0"
            raise ImproperlyConfigured("REDIS_URL is not set.")
        if urlsplit(url).scheme not in ("redis", "rediss", "unix"):
            raise ImproperlyConfigured("REDIS_URL must start with redis://, rediss:// or unix://.")
        return url

    @cached_property
    def data_dir(self) -> Path:
        """DATA_DIR: what this machine keeps (files, mail, embedded servers); absolute."""
        return Path(self._text("DATA_DIR") or REPOSITORY / ".data").resolve()

    @cached_property
    def port(self) -> int:
        """PORT that `make run` serves on, 1 to 65535."""
        port = self._read("PORT", self.source.int, default=8000)
        if not 1 <= port <= 65535:
            raise ImproperlyConfigured("PORT must be a number from 1 to 65535.")
        return port

    @cached_property
    def field_encryption_keys(self) -> list[str]:
        """FIELD_ENCRYPTION_KEYS: Fernet keys separated by commas; the first encrypts, all decrypt."""
        keys: list[str] = self._read("FIELD_ENCRYPTION_KEYS", self.source.list, default=[])
        if not keys:
            self._refuse_default("FIELD_ENCRYPTION_KEYS", "one or more Fernet keys separated by commas")
            digest = hashlib.sha256(b"field encryption" + self.secret_key.encode()).digest()
            return [base64.urlsafe_b64encode(digest).decode("ascii")]
        for key in keys:
            try:
                Fernet(key)
            except ValueError:
                raise ImproperlyConfigured(
                    "FIELD_ENCRYPTION_KEYS holds a key that is not 32 bytes in url-safe base64."
                ) from None
        return keys

    @cached_property
    def mail_transport(self) -> MailTransport:
        """MAIL_TRANSPORT: "file" (the default) writes into MAIL_DIRECTORY, "smtp" sends through MAIL_URL."""
        transport = self._choice("MAIL_TRANSPORT", get_args(MailTransport), "file")
        if transport == "smtp" and not self.mail_url:
            raise ImproperlyConfigured("MAIL_TRANSPORT is smtp but MAIL_URL is not set.")
        return cast(MailTransport, transport)

    @cached_property
    def mail_directory(self) -> Path:
        """MAIL_DIRECTORY of the file transport; DATA_DIR/mail by default."""
        return Path(self._text("MAIL_DIRECTORY") or self.data_dir / "mail").resolve()

    @cached_property
    def mail_url(self) -> str | None:
        """MAIL_URL of the SMTP server: smtp://, smtp+tls:// or smtp+ssl:// with user, host and port."""
        return self._text("MAIL_URL") or None

    @cached_property
    def public_base_url(self) -> str:
        """PUBLIC_BASE_URL: where the world reaches this installation, without a final slash."""
        url = self._text("PUBLIC_BASE_URL") or f"http://127.0.0.1:{self.port}"
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ImproperlyConfigured("PUBLIC_BASE_URL must be an absolute http or https URL.")
        return url.rstrip("/")

    @cached_property
    def jwt_algorithm(self) -> JwtAlgorithm:
        """JWT_ALGORITHM: HS256 (the default), EdDSA or RS256."""
        return cast(JwtAlgorithm, self._choice("JWT_ALGORITHM", get_args(JwtAlgorithm), "HS256"))

    @cached_property
    def jwt_signing_key(self) -> str:
        """JWT_SIGNING_KEY: a secret for HS256 (SECRET_KEY by default), a PEM private key for the others."""
        key = self._text("JWT_SIGNING_KEY").replace("\\n", "\n")
        if self.jwt_algorithm == "HS256":
            return key or self.secret_key
        if not key.startswith("-----BEGIN"):
            raise ImproperlyConfigured(f"JWT_SIGNING_KEY must be a PEM private key for {self.jwt_algorithm}.")
        return key

    @cached_property
    def jwt_previous_keys(self) -> list[str]:
        """JWT_PREVIOUS_KEYS, separated by commas: former signing keys whose tokens are still taken."""
        keys: list[str] = self._read("JWT_PREVIOUS_KEYS", self.source.list, default=[])
        return [key.replace("\\n", "\n").strip() for key in keys]

    @cached_property
    def max_login_lifetime_hours(self) -> int:
        """MAX_LOGIN_LIFETIME_HOURS: no login outlives it, whatever a tenant sets; 720 by default."""
        hours = self._read("MAX_LOGIN_LIFETIME_HOURS", self.source.int, default=24 * 30)
        if not 1 <= hours <= 24 * 90:
            raise ImproperlyConfigured("MAX_LOGIN_LIFETIME_HOURS must be a number from 1 to 2160.")
        return hours

    @cached_property
    def trusted_proxies(self) -> list[IPv4Network | IPv6Network]:
        """TRUSTED_PROXIES, separated by commas: addresses or networks whose X-Forwarded-For is believed."""
        return self._networks("TRUSTED_PROXIES")

    @cached_property
    def directory_networks(self) -> list[IPv4Network | IPv6Network]:
        """DIRECTORY_NETWORKS, separated by commas: private networks where companies' directories may be."""
        return self._networks("DIRECTORY_NETWORKS")

    @cached_property
    def mail_from(self) -> str:
        """MAIL_FROM: the sender of the installation's own mail."""
        return self._text("MAIL_FROM") or f"quittance@{urlsplit(self.public_base_url).hostname}"

    @cached_property
    def log_level(self) -> str:
        """LOG_LEVEL: a level of the logging module, INFO by default."""
        return self._choice("LOG_LEVEL", LOG_LEVELS, "INFO")

    @cached_property
    def outbound_allow_loopback(self) -> bool:
        """OUTBOUND_ALLOW_LOOPBACK: let the outbound client reach this machine; off by default."""
        return self._boolean("OUTBOUND_ALLOW_LOOPBACK", default=False)

    @property
    def _names_a_database(self) -> bool:
        return any(self._text(variable) for variable in ALIASES.values())

    def _text(self, variable: str) -> str:
        return self._read(variable, self.source.str, default="").strip()

    def _read(self, variable: str, reader: Callable[..., T], *, default: T) -> T:
        try:
            return reader(variable, default=default)
        except ValueError:
            raise ImproperlyConfigured(
                f"{variable} is malformed: {self.source.ENVIRON[variable]!r}."
            ) from None

    def _networks(self, variable: str) -> list[IPv4Network | IPv6Network]:
        entries: list[str] = self._read(variable, self.source.list, default=[])
        try:
            return [ip_network(entry.strip()) for entry in entries]
        except ValueError:
            raise ImproperlyConfigured(f"{variable} must be addresses or networks.") from None

    def _boolean(self, variable: str, *, default: bool) -> bool:
        value = self._text(variable).lower()
        if value and value not in TRUE_WORDS + FALSE_WORDS:
            raise ImproperlyConfigured(f"{variable} must be true or false, not {value!r}.")
        return value in TRUE_WORDS if value else default

    def _choice(self, variable: str, choices: tuple[str, ...], default: str) -> str:
        value = self._text(variable) or default
        if value not in choices:
            raise ImproperlyConfigured(f"{variable} must be one of {', '.join(choices)}, not {value!r}.")
        return value

    def _refuse_default(self, variable: str, form: str) -> None:
        if not self.debug:
            raise ImproperlyConfigured(f"{variable} is not set: it must be {form} when DEBUG is off.")

    def _database(self, variable: str) -> dict[str, Any]:
        url = self._text(variable)
        if not url and (self._names_a_database or not self.debug):
            raise ImproperlyConfigured(f"{variable} is not set: all six database URLs are needed.")
        try:
            parameters = conninfo_to_dict(url)
        except psycopg.ProgrammingError:
            # The URL holds a password, so it is not repeated.
            raise ImproperlyConfigured(f"{variable} is not a PostgreSQL URL.") from None
        # Planning costs as much as a short statement itself: what comes back is planned once a connection.
        options: dict[str, Any] = {**parameters, "server_side_binding": True, "prepare_threshold": 2}
        if self.database_pool_size:
            options["pool"] = {"min_size": 1, "max_size": self.database_pool_size, "timeout": 10}
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parameters.pop("dbname", None) or "quittance",
            "USER": parameters.pop("user", None) or "",
            "PASSWORD": parameters.pop("password", None) or "",
            "HOST": parameters.pop("host", None) or "",
            "PORT": str(parameters.pop("port", None) or ""),
            "CONN_MAX_AGE": 0 if self.database_pool_size else None,
            "OPTIONS": options,
        }


environment = Environment(environ.Env())
