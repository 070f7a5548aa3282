"""Pages of v1 (numbered) and of v2 (keyset cursors).

A page size above the maximum is capped, anything that is not a positive number is refused. A page
beyond the end is empty, as in GitHub's API: the last row may have gone since the caller counted.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from django.conf import settings
from msgspec import Meta

from tenants import scope
from tenants.errors import DomainError, Kind
from tenants.http.values import Body

MAX_SIZE = 200
DEFAULT_SIZE = 50
# Deeper pages cost the database more than they can be worth: that is what cursors are for.
MAX_PAGE = 100_000
_SIGNATURE = 16

PageNumber = Annotated[
    int,
    Meta(ge=1, le=MAX_PAGE, extra={"code": "out-of-range", "detail": f"Expected 1 to {MAX_PAGE}."}),
]
PageSize = Annotated[
    int,
    Meta(ge=1, extra={"code": "out-of-range", "detail": "Expected a number of 1 or more."}),
]


class InvalidCursor(DomainError):
    """The cursor is not one this list has given out."""

    kind, code = Kind.INVALID, "invalid-cursor"

    def __init__(self) -> None:
        super().__init__(pointer="?cursor")


class PageQuery(Body, kw_only=True):
    """v1: `?page=&page_size=`. Lists add their filters by deriving from it."""

    page: PageNumber = 1
    page_size: PageSize = DEFAULT_SIZE

    @property
    def limit(self) -> int:
        return min(self.page_size, MAX_SIZE)

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.limit

    def body(self, items: Sequence[Any], total: int) -> dict[str, Any]:
        """The list as v1 shows it; `pages` is at least 1."""
        return {
            "items": items,
            "total": total,
            "page": self.page,
            "page_size": self.limit,
            "pages": max(1, -(-total // self.limit)),
        }


class CursorQuery(Body, kw_only=True):
    """v2: `?cursor=&limit=&include=total`. Lists add their filters by deriving from it.

    Read `size + 1` rows: the extra one tells whether there are more.
    """

    cursor: Annotated[str, Meta(max_length=1000)] | None = None
    limit: PageSize = DEFAULT_SIZE
    include: Literal["total"] | None = None

    @property
    def size(self) -> int:
        return min(self.limit, MAX_SIZE)

    @property
    def wants_total(self) -> bool:
        return self.include == "total"


def body(items: Sequence[Any], next_cursor: str | None, total: int | None = None) -> dict[str, Any]:
    """The list as v2 shows it; `total` only where it was asked for."""
    page = {"data": items, "next_cursor": next_cursor, "has_more": next_cursor is not None}
    return page if total is None else {**page, "total": total}


def encode_cursor(listing: str, key: Sequence[str | int | Decimal | date | datetime | UUID | None]) -> str:
    """An opaque cursor behind the row whose sort key is `key`.

    `listing` names list and ordering ("invoices:-issue_date"). The signature covers the tenant too,
    so another tenant's or another list's cursor is refused like a forged one.
    """
    content = msgspec.json.encode(key)
    return base64.urlsafe_b64encode(_signature(listing, content) + content).rstrip(b"=").decode()


def decode_cursor(listing: str, cursor: str, key: type[Any]) -> Any:
    """The sort key in `cursor`, as the tuple type `key`: `tuple[date, UUID]`. Raises InvalidCursor."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise InvalidCursor from None
    signature, content = raw[:_SIGNATURE], raw[_SIGNATURE:]
    if not hmac.compare_digest(signature, _signature(listing, content)):
        raise InvalidCursor
    try:
        return msgspec.json.decode(content, type=key)
    except msgspec.DecodeError:
        raise InvalidCursor from None


def _signature(listing: str, content: bytes) -> bytes:
    tenant = scope.current().tenant_id
    bound = f"{tenant}\x00{listing}\x00".encode() + content
    return hashlib.blake2b(bound, key=_key(settings.SECRET_KEY), digest_size=_SIGNATURE).digest()


@lru_cache(maxsize=4)
def _key(secret: str) -> bytes:
    return hashlib.sha256(b"tenants.http.pagination\x00" + secret.encode()).digest()
