"""The transport of this installation, by its settings."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from tenants.domain.message import normalise_address
from tenants.transports.base import Transport
from tenants.transports.file import FileTransport
from tenants.transports.smtp import Server, SmtpTransport


def _file() -> Transport:
    return FileTransport(settings.MAIL_DIRECTORY)


def _smtp() -> Transport:
    hello = urlsplit(settings.PUBLIC_BASE_URL).hostname or "localhost"
    return SmtpTransport(Server.from_url(settings.MAIL_URL or ""), hello=hello)


_MAKERS: dict[str, Callable[[], Transport]] = {"file": _file, "smtp": _smtp}


@cache
def transport() -> Transport:
    """The transport named by MAIL_TRANSPORT. Raises ImproperlyConfigured."""
    if settings.MAIL_TRANSPORT not in _MAKERS:
        raise ImproperlyConfigured(f"MAIL_TRANSPORT must be one of {', '.join(_MAKERS)}.")
    return _MAKERS[settings.MAIL_TRANSPORT]()


def check_transport(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[checks.CheckMessage]:
    """System check: mail that can never leave is found at start-up, not in the outbox."""
    del app_configs
    try:
        transport()
    except ImproperlyConfigured as error:
        return [checks.Error(str(error), id="tenants.E011")]
    if normalise_address(settings.DEFAULT_FROM_EMAIL) is None:
        return [checks.Error("DEFAULT_FROM_EMAIL is not a bare address.", id="tenants.E012")]
    return []
