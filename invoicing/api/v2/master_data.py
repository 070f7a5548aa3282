"""What the views of master data in v2 share: patches, pages, answers with their entity tags."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest

from invoicing.models.master import MasterRecord
from invoicing.selectors.master_data import rows_after
from invoicing.services.master_data import ensure_version
from tenants.disclosure import disclosed
from tenants.http import conditional
from tenants.http.merge_patch import merged
from tenants.http.pagination import CursorQuery, body, decode_cursor, encode_cursor
from tenants.http.parsing import convert, parse_request
from tenants.http.rendering import JSONBytes, to_json
from tenants.http.values import Body, Text

M = TypeVar("M", bound=MasterRecord)
Json = dict[str, Any]


class OrderedQuery(CursorQuery, kw_only=True):
    """What every list takes; each says by what it can be ordered and narrowed further."""

    ordering: str
    include_inactive: bool = False


class RecordQuery(OrderedQuery, kw_only=True):
    """The same for records that have a name."""

    q: Text | None = None


def shown(record: MasterRecord, stated: type[Body], **others: Any) -> Json:
    """A record as it is answered: what `stated` names, with `others` in place of some; "" shows as null."""
    columns = {
        name: others[name] if name in others else _plain(getattr(record, name))
        for name in stated.__struct_fields__
    }
    return {
        "id": record.public_id,
        **columns,
        "is_active": record.is_active,
        "created_at": record.created_at,
        "updated_at": record.updated_at,
        "version": record.version,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    return None if value == "" else value


def columns(stated: Body) -> Json:
    """The members of a body by name; None where one was not given."""
    return {name: getattr(stated, name) for name in stated.__struct_fields__}


def patched(request: HttpRequest, current: Json, into: type[Body]) -> Json:
    """The members that a merge patch names, with the values they shall have; None resets one.

    `current` is the record as it is shown, `into` what a whole body is. Raises InvalidInput.
    """
    patch = parse_request(request, dict[str, Any])
    stated = {name: current[name] for name in into.__struct_fields__}
    whole = convert(merged(stated, patch), into)
    return {name: getattr(whole, name) for name in patch}


def expected_version(request: HttpRequest, record: MasterRecord, *, optional: bool = False) -> int | None:
    """The version an update is of, by If-Match. Raises PreconditionMissing, ChangedMeanwhile.

    `optional` where nothing that somebody else wrote can be lost.
    """
    if optional and "If-Match" not in request.headers:
        return None
    version = conditional.expected_version(request)
    ensure_version(version=record.version, expected=version)
    return version


def answer(request: HttpRequest, current: Json) -> JSONBytes:
    """A record with its entity tag; to a read that has this version already, 304."""
    headers = {"ETag": conditional.etag(current["version"])}
    if request.method == "GET" and conditional.is_current(request, headers["ETag"]):
        return JSONBytes(b"", status=304, headers=headers)
    return JSONBytes(to_json(disclosed(current)), headers=headers)


def created(request: HttpRequest, current: Json) -> JSONBytes:
    """A record that was made, and where it is read from now on."""
    headers = {
        "ETag": conditional.etag(current["version"]),
        "Location": f"{request.path.rstrip('/')}/{current['id']}",
    }
    return JSONBytes(to_json(disclosed(current)), status=201, headers=headers)


def page(query: OrderedQuery, rows: QuerySet[M], show: Callable[[M], Json]) -> JSONBytes:
    """One page of `rows`, which are in the query's ordering: one statement, one more for a total."""
    listing = f"{rows.model._meta.label_lower}:{query.ordering}"
    column = query.ordering.removeprefix("-")
    total = rows.count() if query.wants_total else None
    if query.cursor is not None:
        key = tuple[datetime, UUID] if column == "created_at" else tuple[str, UUID]
        rows = rows_after(rows, ordering=query.ordering, key=decode_cursor(listing, query.cursor, key))
    found = list(rows[: query.size + 1])
    following = None
    if len(found) > query.size:
        found.pop()
        following = encode_cursor(listing, (getattr(found[-1], column), found[-1].id))
    return JSONBytes(to_json(body([disclosed(show(row)) for row in found], following, total)))
