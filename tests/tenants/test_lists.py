"""Query strings, pages and cursors."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.http import QueryDict

from tenants import scope
from tenants.actors import Actor
from tenants.errors import InvalidInput
from tenants.http import pagination
from tenants.http.pagination import CursorQuery, InvalidCursor, PageQuery, decode_cursor, encode_cursor
from tenants.http.query import parse_query
from tests.tenants.surface import ThingQuery

ROBOT = Actor.system("test")
LISTING = "invoices:-issue_date"
KEY = (date(2026, 11, 20), UUID(int=7))


@pytest.fixture
def in_acme() -> Iterator[None]:
    with scope.enter(scope.Scope(UUID(int=1), ROBOT)):
        yield


def faults_of(query: str, into: Any = ThingQuery) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refusal:
        parse_query(QueryDict(query), into)
    return {fault.pointer: fault.code for fault in refusal.value.errors}


def test_parameters_are_typed() -> None:
    query = parse_query(QueryDict("q=a%CC%88&overdue=true&min_total=1.50&year=2026&limit=10"), ThingQuery)
    assert (query.q, query.overdue, query.min_total, query.year) == ("ä", True, Decimal("1.50"), 2026)
    assert parse_query(QueryDict("q=&year="), ThingQuery) == ThingQuery()


def test_an_unlisted_filter_or_ordering_is_refused() -> None:
    assert faults_of("ordering=secret&tenant_id=1&q__icontains=x") == {
        "?ordering": "unknown-parameter",
        "?tenant_id": "unknown-parameter",
        "?q__icontains": "unknown-parameter",
    }


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("q=a&q=b", "repeated-parameter"),
        ("q=%00", "forbidden-character"),
        ("q=%E2%80%AE", "forbidden-character"),
        ("overdue=yes", "not-a-flag"),
        ("overdue=True", "not-a-flag"),
        ("year=1_000", "not-an-integer"),
        ("year=%D9%A5", "not-an-integer"),
        ("year=+5", "not-an-integer"),
        ("year=5%0A", "not-an-integer"),
        ("year=" + "9" * 5000, "not-an-integer"),
        ("min_total=NaN", "not-a-decimal"),
        ("min_total=1E%2B2", "not-a-decimal"),
        ("limit=0", "out-of-range"),
        ("limit=-5", "out-of-range"),
        ("limit=ten", "not-an-integer"),
        ("include=everything", "invalid"),
    ],
)
def test_a_bent_parameter_is_refused_by_name(query: str, code: str) -> None:
    name = "?" + query.partition("=")[0]
    assert faults_of(query) == {name: code}


def test_all_faults_of_a_query_are_named() -> None:
    assert faults_of("limit=0&year=x&nope=1") == {
        "?limit": "out-of-range",
        "?year": "not-an-integer",
        "?nope": "unknown-parameter",
    }


@pytest.mark.parametrize("asked", [201, 1_000, 1_000_000_000])
def test_a_huge_page_is_capped(asked: int) -> None:
    assert parse_query(QueryDict(f"page_size={asked}"), PageQuery).limit == pagination.MAX_SIZE
    assert parse_query(QueryDict(f"limit={asked}"), CursorQuery).size == pagination.MAX_SIZE


def test_v1_counts_pages() -> None:
    query = parse_query(QueryDict("page=3&page_size=20"), PageQuery)
    assert (query.offset, query.limit) == (40, 20)
    assert query.body(["x"], 41) == {"items": ["x"], "total": 41, "page": 3, "page_size": 20, "pages": 3}
    assert query.body([], 0)["pages"] == 1


def test_a_page_beyond_all_bounds_is_refused_and_one_beyond_the_end_is_empty() -> None:
    assert faults_of(f"page={pagination.MAX_PAGE + 1}", PageQuery) == {"?page": "out-of-range"}
    query = parse_query(QueryDict("page=900"), PageQuery)
    assert query.body([], 3) == {"items": [], "total": 3, "page": 900, "page_size": 50, "pages": 1}


def test_v2_counts_only_when_asked() -> None:
    assert pagination.body([1], "c") == {"data": [1], "next_cursor": "c", "has_more": True}
    assert pagination.body([], None, 0) == {"data": [], "next_cursor": None, "has_more": False, "total": 0}
    assert parse_query(QueryDict("include=total"), CursorQuery).wants_total


@pytest.mark.usefixtures("in_acme")
def test_a_cursor_gives_the_key_back() -> None:
    assert decode_cursor(LISTING, encode_cursor(LISTING, KEY), tuple[date, UUID]) == KEY
    money = (Decimal("-1.50"), None, 'quo"te')
    cursor = encode_cursor("x", money)
    assert decode_cursor("x", cursor, tuple[Decimal, UUID | None, str]) == money


@pytest.mark.usefixtures("in_acme")
def test_a_forged_cursor_is_refused() -> None:
    cursor = encode_cursor(LISTING, KEY)
    swapped = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")
    for forged in (
        "",
        "x",
        "é",
        "=" * 9,
        cursor[:-2],
        cursor + "AAAA",
        swapped,
        "A" + cursor[1:],
        cursor + "\n",
    ):
        with pytest.raises(InvalidCursor) as refusal:
            decode_cursor(LISTING, forged, tuple[date, UUID])
        assert refusal.value.errors[0].pointer == "?cursor"


@pytest.mark.usefixtures("in_acme")
def test_another_lists_cursor_is_refused() -> None:
    with pytest.raises(InvalidCursor):
        decode_cursor("invoices:number", encode_cursor(LISTING, KEY), tuple[date, UUID])


@pytest.mark.usefixtures("in_acme")
def test_another_tenants_cursor_is_refused() -> None:
    cursor = encode_cursor(LISTING, KEY)
    with scope.enter(scope.Scope(UUID(int=2), ROBOT)), pytest.raises(InvalidCursor):
        decode_cursor(LISTING, cursor, tuple[date, UUID])
