"""Texts, bodies, headers and methods through the real endpoints: refused, and nothing was written.

What bears on tokens and tenancy is with identity and isolation.
"""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse

from tenants.models import Tenant
from tests.api.refusals import JSON, assert_refused, body_with, refused, send
from tests.factories import scope_of
from tests.invoicing.api.client import Invoices, Json, a_line, everything


@pytest.fixture
def refuses(api: Invoices, acme: Tenant) -> Callable[..., HttpResponse]:
    """Sends a body to `calculate` and to `invoices`: refused by both, and nothing was written."""

    def check(body: bytes, status: int = 400, pointers: list[str] | None = None, **how: Any) -> HttpResponse:
        with scope_of(acme):
            before = everything()
            calculated = send(api, body, path="/calculate", **how)

            assert calculated.status_code == status
            answer = send(api, body, **how)
            assert_refused(api, answer, status, pointers)
            assert everything() == before
        return answer

    return check


INVISIBLE = [
    rf"\u{code}" for code in ("0000", "0007", "001b", "007f", "0085", "202e", "200b", "feff", "d800")
]
NO_LINES = ['""', '"   "', r'"a\nb"', r'"a\rb"', r'"a\tb"', "7", "null", '"' + "x" * 1001 + '"']


@pytest.mark.parametrize("place", ["/lines/0/description", "/payment_terms", "/lines/0/allowances/0/reason"])
def test_texts_hold_nothing_invisible(api: Invoices, acme: Tenant, place: str) -> None:
    for mark in INVISIBLE:
        answer = refused(api, acme, body_with(api, place, f'"a{mark}b"'))
        assert api.pointers(answer) == [place], mark


def test_a_description_is_one_line(api: Invoices, acme: Tenant) -> None:
    for text in NO_LINES:
        answer = refused(api, acme, body_with(api, "/lines/0/description", text))
        assert api.pointers(answer) == ["/lines/0/description"], text


def test_texts_are_kept_in_normal_form(api: Invoices) -> None:
    made = api.make(lines=[a_line(description="Cafe\u0301")])
    assert made["lines"][0]["description"] == "Caf\u00e9"


# With their places, where these are told.
NO_BODIES: list[tuple[bytes, list[str] | None]] = [
    (b"", None),
    (b"   ", [""]),
    (b"null", [""]),
    (b"[]", [""]),
    (b'"text"', [""]),
    (b"{", [""]),
    (b"{} {}", [""]),
    (b'{"a": 1}{"b": 2}', [""]),
    (b"{'currency': 'EUR'}", [""]),
    (b'{"currency": "EUR",}', [""]),
    (b"\xef\xbb\xbf{}", [""]),
    ('{"currency": "EUR"}'.encode("utf-16"), [""]),
    (b'{"currency": "\xff"}', [""]),
    (b'{"currency": "\xed\xa0\x80"}', [""]),
    (b'{"currency": "EUR", "currency": "USD"}', None),
    (b'{"lines": [{"quantity": "1", "quantity": "2"}]}', None),
    (b'{"a": ' + b"[" * 40 + b"]" * 40 + b"}", None),
    (b'{"a": ' + b"[" * 1200 + b"]" * 1200 + b"}", None),
    (b'{"a":' * 1200 + b"1" + b"}" * 1200, None),
    (b'{"a": ' + b"[" * 200_000, None),
]


def test_a_body_is_one_object_that_means_the_same_to_everybody(refuses: Callable[..., HttpResponse]) -> None:
    for body, pointers in NO_BODIES:
        refuses(body, 400, pointers)


def test_a_name_that_stands_twice_is_named(api: Invoices, refuses: Callable[..., HttpResponse]) -> None:
    answer = refuses(b'{"currency": "EUR", "lines": [{"quantity": "1", "quantity": "2"}]}')
    assert "/lines/0/quantity" in api.pointers(answer)


def test_a_list_has_no_holes(api: Invoices, acme: Tenant) -> None:
    for place in ("/lines", "/allowances", "/charges", "/lines/0/allowances", "/lines/0/charges"):
        answer = refused(api, acme, body_with(api, place, "[null]"))
        assert all(pointer.startswith(f"{place}/0") for pointer in api.pointers(answer)), place


def test_every_fault_is_told_at_once(api: Invoices, acme: Tenant) -> None:
    body = {"currency": 1, "lines": [{"quantity": "x"}, a_line(tax={"category": "Q"})], "is_staff": True}
    answer = refused(api, acme, json.dumps(body).encode())
    assert {
        "/currency",
        "/customer",
        "/lines/0/quantity",
        "/lines/0/description",
        "/lines/1/tax/category",
        "/is_staff",
    } <= set(api.pointers(answer))


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/json; charset=utf-16",
        "application/json; charset=latin-1",
        "",
    ],
)
def test_another_content_type_is_refused(refuses: Callable[..., HttpResponse], content_type: str) -> None:
    refuses(b'{"currency": "EUR"}', 415, content_type=content_type)


def test_a_bomb_is_not_unpacked(refuses: Callable[..., HttpResponse]) -> None:
    refuses(gzip.compress(b" " * (settings.MAX_BODY_BYTES + 1)), 413, HTTP_CONTENT_ENCODING="gzip")


def test_what_is_not_whole_gzip_is_refused(refuses: Callable[..., HttpResponse]) -> None:
    whole = gzip.compress(b"{}")
    for body in (b"{}", b"", whole[:-1], whole + b"{}", whole + whole):
        refuses(body, 400, HTTP_CONTENT_ENCODING="gzip")


def test_other_encodings_are_refused(refuses: Callable[..., HttpResponse]) -> None:
    for encoding in ("br", "deflate", "deflate, gzip", "gzip, gzip"):
        refuses(gzip.compress(b"{}"), 415, HTTP_CONTENT_ENCODING=encoding)


def test_a_zipped_body_is_the_same_request(api: Invoices) -> None:
    body = json.dumps(api.body(issue=True)).encode()
    plain = send(api, body, HTTP_IDEMPOTENCY_KEY="zipped")
    zipped = send(api, gzip.compress(body), HTTP_IDEMPOTENCY_KEY="zipped", HTTP_CONTENT_ENCODING="gzip")
    assert (plain.status_code, zipped.content) == (201, plain.content)


def test_a_body_over_the_limit_is_not_parsed(refuses: Callable[..., HttpResponse]) -> None:
    refuses(b"[" * (settings.MAX_BODY_BYTES + 1), 413)
    refuses(b"{}", 413, CONTENT_LENGTH=str(10**15))


@pytest.mark.parametrize("key", ["", "x" * 256, "a\x00b", "a\nb", "caf\u00e9", "\u0661"])
def test_an_idempotency_key_is_short_and_printable(api: Invoices, acme: Tenant, key: str) -> None:
    with scope_of(acme):
        before = everything()
        answer = send(api, json.dumps(api.body()).encode(), HTTP_IDEMPOTENCY_KEY=key)
        assert_refused(api, answer, 400)
        assert everything() == before


def test_a_key_gives_one_effect_and_one_answer_and_takes_no_other_body(api: Invoices, acme: Tenant) -> None:
    body = json.dumps(api.body(issue=True)).encode()
    first = send(api, body, HTTP_IDEMPOTENCY_KEY="k" * 255)
    again = send(api, body, path="/", HTTP_IDEMPOTENCY_KEY="k" * 255)
    assert (first.status_code, again.status_code, first.content) == (201, 201, again.content)
    for name in ("Location", "ETag"):
        assert first.headers.get(name) == again.headers.get(name)
    with scope_of(acme):
        before = everything()
        other = send(api, body + b" ", HTTP_IDEMPOTENCY_KEY="k" * 255)
        assert_refused(api, other, 422)
        assert api.code(other) == "idempotency-key-reused"
        assert everything() == before


def test_a_refusal_does_not_use_its_key_up(api: Invoices) -> None:
    refused = send(api, b"{}", HTTP_IDEMPOTENCY_KEY="again")
    assert refused.status_code == 400
    taken = send(api, json.dumps(api.body()).encode(), HTTP_IDEMPOTENCY_KEY="again")
    assert taken.status_code == 201


def test_what_names_a_tenant_is_ignored(api: Invoices, acme: Tenant, globex: Tenant) -> None:
    with scope_of(acme):
        made = api.make()
        named = api.get(HTTP_X_TENANT_ID=str(globex.id), HTTP_TENANT=globex.slug)
        data = api.data(named)
        rows: list[Json] = data["items"] if api.version == "v1" else data["data"]
        assert [row["id"] for row in rows] == [made["id"]]


def test_a_forged_host_is_refused(api: Invoices) -> None:
    answer = api.get(HTTP_HOST="evil.example")
    assert_refused(api, answer, 400)
    assert b"evil" not in answer.content


@pytest.mark.parametrize("method", ["PUT", "TRACE", "QUERY", "POST"])
def test_a_method_that_is_not_there_is_refused(api: Invoices, method: str) -> None:
    made = api.make()
    answer = api.client.generic(method, api.url(f"/{made['id']}"), "{}", JSON)
    assert_refused(api, answer, 405)


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "application/json;q=0"])
def test_what_is_not_json_is_not_offered(api: Invoices, accept: str) -> None:
    answer = api.get(HTTP_ACCEPT=accept)
    assert answer.status_code in (200, 406)
    assert answer.headers["Content-Type"] in ("application/json", "application/problem+json")
