"""Bad input through the real endpoints of both versions: status, shape, place, and nothing written.

The rows of the specification's list on numbers, bodies, keys and states; those on tokens and tenancy are
with identity and isolation.
"""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse

from tenants.models import Tenant
from tests.factories import ApiClient, scope_of
from tests.factories.invoicing import make_customer, make_legal_entity
from tests.invoicing.api.client import Invoices, Json, a_line, everything

# No JSON value: written into the body as it stands.
RAW = "as it stands"
JSON = "application/json"


@pytest.fixture(params=["v1", "v2"])
def api(request: pytest.FixtureRequest, acme: Tenant, acme_client: ApiClient) -> Invoices:
    """An admin of acme, which has a seller and a customer."""
    with scope_of(acme):
        make_legal_entity()
        return Invoices(acme_client, request.param, make_customer().public_id)


def send(
    api: Invoices, body: bytes, content_type: str = JSON, path: str = "", **headers: Any
) -> HttpResponse:
    """A POST of bytes as they are."""
    # The stubs know text only; the client takes bytes as they are.
    answer: HttpResponse = api.client.generic(
        "POST",
        api.url(path),
        body,  # type: ignore[arg-type]
        content_type,
        **headers,
    )
    return answer


def assert_refused(
    api: Invoices, answer: HttpResponse, status: int, pointers: list[str] | None = None
) -> None:
    """The answer has this status, the shape of its version, and these places."""
    assert answer.status_code == status, answer.content[:500]
    body: Json = json.loads(answer.content)
    if api.version == "v2":
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert body["status"] == status
        assert {"type", "title", "status", "detail", "code", "instance"} <= set(body)
        assert all(set(fault) == {"pointer", "code", "detail"} for fault in body.get("errors", ()))
    else:
        assert answer.headers["Content-Type"] == JSON
        assert {"success", "error", "message", "timestamp", "fields"} <= set(body)
        assert body["success"] is False
    assert answer.headers["X-Request-ID"]
    if pointers is not None:
        assert api.pointers(answer) == pointers


@pytest.fixture
def refuses(api: Invoices, acme: Tenant) -> Callable[..., HttpResponse]:
    """Sends a body to `calculate` and to `invoices`: refused by both, and nothing was written."""

    def check(body: bytes, status: int = 400, pointers: list[str] | None = None, **how: Any) -> HttpResponse:
        with scope_of(acme):
            before = everything()
            calculated = send(api, body, path="/calculate", **how)
            # What `calculate` does not know at all is a fault of its own there.
            assert calculated.status_code == status
            answer = send(api, body, **how)
            assert_refused(api, answer, status, pointers)
            assert everything() == before
        return answer

    return check


def body_with(api: Invoices, place: str, value: str) -> bytes:
    """A body with this JSON text at a place such as `/lines/0/quantity`."""
    body: Any = api.body(
        lines=[a_line(allowances=[{"amount": "1"}])],
        allowances=[{"amount": "1", "tax": {"category": "S", "rate": "19"}}],
    )
    *path, last = place.strip("/").split("/")
    target = body
    for step in path:
        target = target[int(step)] if step.isdecimal() else target[step]
    target[last] = RAW
    return json.dumps(body).replace(f'"{RAW}"', value).encode("utf-8", "surrogatepass")


NUMBERS = [
    '"NaN"',
    '"sNaN"',
    '"Infinity"',
    '"-Infinity"',
    '"+Infinity"',
    '"1e309"',
    '"1E+2"',
    "1E+2",
    "0.1",
    "-0.0",
    '"1_000"',
    '"1,000.00"',
    '"\u0661\u0662"',
    '"\uff11\uff12"',
    '" 5"',
    '"5\\n"',
    '" 5\\n"',
    '"+5"',
    '".5"',
    '"5."',
    '"05"',
    '"0x10"',
    '""',
    '"five"',
    "true",
    "[]",
    "{}",
    '"' + "9" * 5000 + '"',
    '"0.' + "1" * 5000 + '"',
    '"9999999999999999"',
    "9999999999999999",
]
PLACES = [
    "/lines/0/quantity",
    "/lines/0/unit_price",
    "/lines/0/base_quantity",
    "/lines/0/tax/rate",
    "/lines/0/allowances/0/amount",
    "/lines/0/allowances/0/percent",
    "/allowances/0/base_amount",
    "/prepaid_amount",
    "/rounding_amount",
]


@pytest.mark.parametrize("place", PLACES)
def test_numbers_are_plain_digits(api: Invoices, acme: Tenant, place: str) -> None:
    for number in NUMBERS:
        answer = refused(api, acme, body_with(api, place, number))
        pointers = api.pointers(answer)
        # An array or object in the place of a number may be faulted inside.
        assert pointers, number
        assert all(pointer.startswith(place) for pointer in pointers), (number, pointers)


def refused(api: Invoices, acme: Tenant, body: bytes) -> HttpResponse:
    """The body is refused by `POST invoices` with 400 and nothing is written."""
    with scope_of(acme):
        before = everything()
        answer = send(api, body)
        assert_refused(api, answer, 400)
        assert everything() == before
    return answer


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e309", "9" * 5000])
def test_numbers_that_json_does_not_have_are_refused(api: Invoices, acme: Tenant, number: str) -> None:
    for place in PLACES:
        answer = refused(api, acme, body_with(api, place, number))
        assert api.pointers(answer) in ([place], [""])


OUT_OF_BOUNDS = [
    ("/lines/0/quantity", "1.0000000000001", "too-many-decimals"),
    ("/lines/0/unit_price", "1.0000000000000001", "too-many-decimals"),
    ("/lines/0/tax/rate", "19.00001", "too-many-decimals"),
    ("/lines/0/tax/rate", "1000", "too-large"),
    ("/lines/0/tax/rate", "100.01", "tax-rate-out-of-range"),
    ("/lines/0/tax/rate", "-1", "tax-rate-out-of-range"),
    ("/lines/0/unit_price", "-1", "negative-price"),
    ("/lines/0/base_quantity", "0", "not-positive"),
    ("/lines/0/base_quantity", "-1", "not-positive"),
    ("/lines/0/allowances/0/amount", "1.001", "too-many-decimals"),
    ("/lines/0/allowances/0/percent", "100.01", "percent-over-100"),
    ("/allowances/0/amount", "0.005", "too-many-decimals"),
    ("/allowances/0/percent", "101", "percent-over-100"),
    ("/prepaid_amount", "1.001", "too-many-decimals"),
    ("/rounding_amount", "0.00001", "too-many-decimals"),
]


def test_numbers_out_of_their_bounds_are_refused_and_never_rounded(api: Invoices, acme: Tenant) -> None:
    for place, text, code in OUT_OF_BOUNDS:
        answer = refused(api, acme, body_with(api, place, f'"{text}"'))
        assert api.pointers(answer) == [place], text
        if api.version == "v2":
            assert json.loads(answer.content)["errors"][0]["code"] == code


def test_a_zero_has_no_sign(api: Invoices) -> None:
    made = api.make(lines=[a_line(quantity="-0", unit_price="-0.00")], prepaid_amount="-0.00")
    line = made["lines"][0]
    assert (line["quantity"], line["unit_price"], line["net_amount"]) == ("0", "0.00", "0.00")
    assert made["prepaid_amount"] == "0.00"
    assert api.read(made["id"]) == made


@pytest.mark.parametrize(
    ("currency", "amount"), [("JPY", "1.50"), ("KWD", "1.2345"), ("EUR", "0.001"), ("ISK", "0.5")]
)
def test_an_amount_has_no_more_decimals_than_its_currency(
    api: Invoices, acme: Tenant, currency: str, amount: str
) -> None:
    body = json.dumps(api.body(currency=currency, prepaid_amount=amount)).encode()
    assert api.pointers(refused(api, acme, body)) == ["/prepaid_amount"]


NO_CURRENCIES = ['"XYZ"', '"eur"', '"Eur"', '" EUR"', r'"EUR\n"', '"EURO"', '""', "978", "[]"]


@pytest.mark.parametrize("place", ["/currency", "/tax_currency"])
def test_a_currency_is_one_that_exists(api: Invoices, acme: Tenant, place: str) -> None:
    for code in NO_CURRENCIES:
        answer = refused(api, acme, body_with(api, place, code))
        assert api.pointers(answer) == [place], code


NO_DAYS = [
    '"2026-02-29"',
    '"0000-01-01"',
    '"2026-13-01"',
    '"2026-1-1"',
    '"20260101"',
    '"2026-01-01T00:00:00Z"',
    '"\uff12\uff10\uff12\uff16-01-01"',
    '"\u0662\u0660\u0662\u0666-01-01"',
    '" 2026-01-01"',
    '"2026-01-01\\n"',
    '"10000-01-01"',
    '"tomorrow"',
    '""',
    "20260101",
    "true",
]


@pytest.mark.parametrize("place", ["/issue_date", "/due_date"])
def test_a_date_is_a_day_that_exists(api: Invoices, acme: Tenant, place: str) -> None:
    for day in NO_DAYS:
        answer = refused(api, acme, body_with(api, place, day))
        assert api.pointers(answer) == [place], day


def test_the_last_day_of_the_calendar_leaves_no_day_to_pay(api: Invoices, acme: Tenant) -> None:
    for issue in (False, True):
        body = json.dumps(api.body(issue_date="9999-12-31", issue=issue)).encode()
        assert api.code(refused(api, acme, body)) == "due-date-out-of-range"


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
        "/lines/0/unit_price",
        "/lines/0/tax",
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


def test_what_is_compressed_is_not_unpacked(refuses: Callable[..., HttpResponse]) -> None:
    bomb = gzip.compress(b" " * 5_000_000)
    for encoding in ("gzip", "br", "deflate, gzip"):
        refuses(bomb, 415, HTTP_CONTENT_ENCODING=encoding)


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
