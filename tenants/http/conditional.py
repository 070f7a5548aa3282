"""Conditional requests of v2 (RFC 9110, section 13): entity tags from a resource's version number."""

import re

from django.http import HttpRequest

from tenants.errors import DomainError, Kind

_TAG = re.compile(r'"v([0-9]{1,10})"')


class PreconditionMissing(DomainError):
    """An update says in If-Match which version it is of, as the ETag of a read gave it."""

    kind, code = Kind.PRECONDITION_REQUIRED, "precondition-required"


class PreconditionUnreadable(DomainError):
    """If-Match holds one entity tag as a read gave it."""

    kind, code = Kind.PRECONDITION_FAILED, "precondition-failed"


def etag(version: int) -> str:
    """The strong entity tag of a version."""
    return f'"v{version}"'


def expected_version(request: HttpRequest) -> int:
    """The version that If-Match names. Raises PreconditionMissing, PreconditionUnreadable.

    A list, a weak tag or `*` is refused: an update is of exactly one version.
    """
    given = request.META.get("HTTP_IF_MATCH")
    if given is None:
        raise PreconditionMissing(pointer="header:If-Match")
    match = _TAG.fullmatch(given.strip())
    if match is None:
        raise PreconditionUnreadable(pointer="header:If-Match")
    return int(match[1])


def is_current(request: HttpRequest, tag: str) -> bool:
    """Whether If-None-Match holds `tag`: the answer is then 304 without a body."""
    given = request.META.get("HTTP_IF_NONE_MATCH", "")
    return given.strip() == "*" or tag in (one.strip().removeprefix("W/") for one in given.split(","))
