"""Calls to a provider: https only, through `tenants.outbound`, trusting what the tenant trusts.

A provider may stand in a private network that the installation opened (`DIRECTORY_NETWORKS`), but only where
its issuer does: its document cannot send us on to other hosts in there.
"""

import json
import logging
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from tenants import outbound
from tenants.addresses import AddressRefused
from tenants.backends.base import DirectoryUnavailable
from tenants.outbound import Answer, OutboundFailed

logger = logging.getLogger(__name__)

_PATIENCE_SECONDS = 8.0


class AnswerUnusable(Exception):
    """A provider answered, but not what the standard says; the text tells an administrator why."""


@contextmanager
def usable_answers() -> Iterator[None]:
    """A provider whose answers cannot be used is one that does not answer. Raises DirectoryUnavailable."""
    try:
        yield
    except AnswerUnusable as error:
        logger.error("a provider cannot be used: %s", error)
        raise DirectoryUnavailable from error


def ask(
    method: str,
    url: str,
    *,
    issuer: str,
    ca: str,
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
) -> Answer:
    """One call to the provider `issuer`; `ca` are certificates (PEM) to trust instead of public ones, or "".

    Raises DirectoryUnavailable where no answer comes, or only one that says "not now".
    """
    if urlsplit(url).scheme != "https":
        raise AnswerUnusable(f"{url[:200]} is not an https address")
    host = urlsplit(url).hostname
    try:
        answer = outbound.call(
            method,
            url,
            headers={"Accept": "application/json", **(headers or {})},
            content=content,
            deadline=_PATIENCE_SECONDS,
            attempts=2,
            tls=trust_of(ca) if ca else None,
            networks=settings.DIRECTORY_NETWORKS if host == urlsplit(issuer).hostname else (),
        )
    except AddressRefused as error:
        raise AnswerUnusable("its address is not a public one; this service does not call it") from error
    except OutboundFailed as error:
        # Host and reason only: an address may carry what is nobody's business.
        logger.warning("provider %s: %s", host, error.code)
        raise DirectoryUnavailable(retry_after=error.retry_after) from error
    if answer.status >= 500 or answer.status == 429:
        logger.warning("provider %s: status %s", host, answer.status)
        raise DirectoryUnavailable
    return answer


def ask_json(url: str, *, issuer: str, ca: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The JSON object at `url`. Raises DirectoryUnavailable, AnswerUnusable."""
    answer = ask("GET", url, issuer=issuer, ca=ca, headers=headers)
    if not answer.ok:
        raise AnswerUnusable(f"{url[:200]} answers with status {answer.status}")
    return object_in(answer.content)


def object_in(content: bytes) -> dict[str, Any]:
    """The JSON object that an answer consists of. Raises AnswerUnusable."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise AnswerUnusable("the answer is not JSON") from None
    if not isinstance(found, dict):
        raise AnswerUnusable("the answer is not a JSON object")
    return found


@lru_cache(maxsize=64)
def trust_of(ca: str) -> ssl.SSLContext:
    """Trust in the certificates of `ca` and in no other. Raises ssl.SSLError where they are none."""
    return ssl.create_default_context(cadata=ca)
