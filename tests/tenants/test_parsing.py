"""Typed bodies: digits, texts, fields, headers (BAD_INPUT.md, Money and numbers, Body)."""

import json
import time
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
import pytest
from django.test import RequestFactory
from pytest_django.fixtures import Settings
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from tenants.errors import InvalidInput
from tenants.http import bodies, parsing
from tenants.http.values import (
    Amount,
    Body,
    Count,
    CurrencyCode,
    Percent,
    Price,
    Prose,
    PublicIdText,
    Quantity,
    Rate,
    Text,
    default,
    line,
)

ID = "cus_01m7yjjqp6e82vg0wxxg4jgern"


class Tax(Body, kw_only=True):
    category: Annotated[str, line(3)]
    rate: Rate


class Line(Body, kw_only=True):
    description: Text
    quantity: Quantity
    unit_price: Price
    base_quantity: Quantity = default(Quantity(1))
    discount: Percent | None = None
    tax: Tax


class Document(Body, kw_only=True):
    type: Literal["invoice", "credit_note"] = "invoice"
    issue: bool = False
    customer: PublicIdText
    currency: CurrencyCode = "EUR"
    issue_date: date | None = None
    terms: Prose = ""
    prepaid: Amount = default(Amount(0))
    copies: Count = 0
    lines: Annotated[list[Line], msgspec.Meta(min_length=1, max_length=3)]
    note: Text | msgspec.UnsetType | None = msgspec.UNSET


def line_with(**changes: Any) -> dict[str, Any]:
    plain = {"description": "Hours", "quantity": "3", "unit_price": "10.0000"}
    return {**plain, "tax": {"category": "S", "rate": "19"}, **changes}


def document_with(**changes: Any) -> dict[str, Any]:
    return {"customer": ID, "lines": [line_with()], **changes}


def parse(value: Any) -> Document:
    return parsing.parse_body(json.dumps(value).encode(), Document)


def faults_of(value: Any) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refusal:
        parse(value)
    return {fault.pointer: fault.code for fault in refusal.value.errors}


def test_a_good_body_is_typed_and_exact() -> None:
    document = parse(document_with(prepaid="1.5000", issue_date="2024-02-29", lines=[line_with(quantity=7)]))
    assert document.prepaid == Decimal("1.5000")
    assert str(document.prepaid) == "1.5000"
    assert document.lines[0].quantity == 7
    assert (document.issue_date, document.note) == (date(2024, 2, 29), msgspec.UNSET)
    assert document.lines[0].base_quantity == 1


@pytest.mark.parametrize(
    "number",
    [
        "NaN",
        "sNaN",
        "nan",
        "Infinity",
        "-Infinity",
        "inf",
        "1e309",
        "1E+2",
        "1e2",
        "1_000",
        "1,000.00",
        "٥",
        "５",
        "१",
        " 5",
        "5 ",
        "5\n",
        " 5\n",
        "+5",
        "05",
        "-05",
        "00",
        ".5",
        "5.",
        "5..1",
        "--5",
        "-",
        "",
        "0x10",
        "5€",
        "½",
        "²",
        "5\xa0",
        "5e",
        "1.2.3",
        "٫5",
        "-٠",
    ],
)
@pytest.mark.parametrize("name", ["prepaid"])
def test_a_number_is_plain_ascii_digits(name: str, number: str) -> None:
    assert faults_of(document_with(**{name: number})) == {"/" + name: "not-a-decimal"}


@pytest.mark.parametrize("number", [0.1, 1.0, 1e2, True, False, None, [], {}, ["5"]])
def test_a_float_or_anything_else_is_no_number(number: Any) -> None:
    assert faults_of(document_with(prepaid=number)) == {"/prepaid": "wrong-type"}


@pytest.mark.parametrize(("written", "kept"), [("-0", "0"), ("-0.00", "0.00"), (-0, "0"), ("0.000", "0.000")])
def test_zero_has_no_sign(written: Any, kept: str) -> None:
    assert str(parse(document_with(prepaid=written)).prepaid) == kept


@pytest.mark.parametrize(
    ("kind", "most"),
    [
        (Amount, "999999999999999.9999"),
        (Price, "999999999999999.999999999999999"),
        (Quantity, "-999999999999999.999999999999"),
        (Rate, "999.9999"),
        (Percent, "999.999999"),
    ],
)
def test_digits_have_a_limit_and_are_never_rounded(kind: Any, most: str) -> None:
    assert str(parsing.convert(most, kind)) == most
    for too_much, code in (
        (most + "9", "too-many-decimals"),
        (most.replace("9", "99", 1), "too-large"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            parsing.convert(too_much, kind)
        assert refusal.value.errors[0].code == code


@pytest.mark.parametrize("number", ["9" * 5000, "0." + "0" * 5000, "-" + "1" * 16])
def test_thousands_of_digits_are_refused(number: str) -> None:
    assert set(faults_of(document_with(prepaid=number)).values()) <= {"too-large", "too-many-decimals"}


def test_a_long_json_integer_is_refused() -> None:
    body = json.dumps(document_with()).replace('"customer"', '"prepaid": ' + "9" * 5000 + ', "customer"')
    with pytest.raises(InvalidInput) as refusal:
        parsing.parse_body(body.encode(), Document)
    assert [fault.pointer for fault in refusal.value.errors] == ["/prepaid"]


@pytest.mark.parametrize("count", [2_147_483_648, -1, 10**30, 2**63, 2**64])
def test_an_integer_beyond_its_column_is_refused(count: int) -> None:
    assert faults_of(document_with(copies=count)) == {"/copies": "out-of-range"}


@pytest.mark.parametrize("count", ["5", 5.0, 5.5, True, None])
def test_an_integer_is_a_json_integer(count: Any) -> None:
    assert faults_of(document_with(copies=count)) == {"/copies": "wrong-type"}


@pytest.mark.parametrize(
    "day",
    [
        "0000-01-01",
        "2023-02-29",
        "2026-13-01",
        "2026-1-1",
        "20260101",
        "٢٠٢٦-٠١-٠١",
        "２０２６-01-01",
        " 2026-01-01",
        "2026-01-01\n",
        "2026-01-01T00:00:00",
        "2026-W01-1",
        "",
        "1700000000",
        "-001-01-01",
    ],
)
def test_a_date_is_a_day_that_exists_in_ascii_digits(day: str) -> None:
    assert set(faults_of(document_with(issue_date=day))) == {"/issue_date"}


@pytest.mark.parametrize("code", ["eur", "EU", "EURO", "EUR\n", " EUR", "ＥＵＲ", "E R", ""])
def test_a_currency_is_three_capitals(code: str) -> None:
    assert faults_of(document_with(currency=code)) == {"/currency": "malformed"}


@pytest.mark.parametrize("text", ["", "   ", "a\nb", "a\tb", "a\r", "x" * 201])
def test_a_line_of_text_is_one_visible_line(text: str) -> None:
    assert set(faults_of(document_with(lines=[line_with(description=text)]))) == {"/lines/0/description"}


def test_names_in_any_script_are_taken() -> None:
    for name in ("Müller & Söhne", "株式会社", "شركة", "ООО «Ромашка»", "Nguyễn", "🚚 Delivery"):
        assert parse(document_with(lines=[line_with(description=name)])).lines[0].description == name


@pytest.mark.parametrize("name", ["tenant_id", "is_staff", "number", "id", "Customer", "__proto__"])
def test_an_unknown_or_read_only_field_is_refused(name: str) -> None:
    assert faults_of(document_with(**{name: "x"})) == {f"/{name}": "unknown-field"}
    assert faults_of(document_with(lines=[line_with(**{name: "x"})])) == {f"/lines/0/{name}": "unknown-field"}


def test_all_faults_are_named_at_once() -> None:
    lines = [line_with(quantity=0.1), line_with(unit_price="1E+2", tax={"rate": "x", "a/b": 1}), 5]
    value = document_with(lines=lines, currency="eur", type="x", tenant_id=1, issue="yes", terms=None)
    del value["customer"]
    assert faults_of(value) == {
        "/customer": "missing",
        "/type": "invalid",
        "/issue": "wrong-type",
        "/currency": "malformed",
        "/terms": "wrong-type",
        "/lines/0/quantity": "wrong-type",
        "/lines/1/unit_price": "not-a-decimal",
        "/lines/1/tax/category": "missing",
        "/lines/1/tax/rate": "not-a-decimal",
        "/lines/1/tax/a~1b": "unknown-field",
        "/lines/2": "wrong-type",
        "/tenant_id": "unknown-field",
    }


class Bulk(Body):
    lines: list[Line]


def test_a_large_body_full_of_faults_is_not_searched_to_its_end() -> None:
    body = json.dumps({"lines": [{}] * 100_000}).encode()
    started = time.monotonic()
    with pytest.raises(InvalidInput) as refusal:
        parsing.parse_body(body, Bulk)
    assert len(refusal.value.errors) == 100
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("lines", [[], [line_with()] * 4])
def test_a_list_has_a_length(lines: list[Any]) -> None:
    assert set(faults_of(document_with(lines=lines))) == {"/lines"}


@pytest.mark.parametrize("value", [[], "x", 5, None, True])
def test_a_body_of_another_kind_is_refused(value: Any) -> None:
    assert faults_of(value) == {"": "wrong-type"}


def test_null_and_absent_differ_in_a_patch() -> None:
    assert parse(document_with(note=None)).note is None
    assert parse(document_with()).note is msgspec.UNSET
    assert faults_of(document_with(note="")) == {"/note": "not-a-line"}


@pytest.mark.parametrize(
    "identity", ["cus_1", ID.upper(), ID + "0", "cus-" + ID[4:], "1", ID[:-1] + "u", ID + "\n"]
)
def test_an_id_has_one_spelling(identity: str) -> None:
    assert faults_of(document_with(customer=identity)) == {"/customer": "malformed"}


def test_deep_nesting_is_named_even_where_a_type_bounds_it() -> None:
    body = b'{"customer":' + b"[" * 40 + b"]" * 40 + b"}"
    with pytest.raises(InvalidInput):
        parsing.parse_body(body, Document)


class Loose(Body):
    anything: Any


def test_a_free_form_member_is_bounded_too() -> None:
    with pytest.raises(InvalidInput) as refusal:
        parsing.parse_body(b'{"anything":' + b"[" * 40 + b"]" * 40 + b"}", Loose)
    assert refusal.value.errors[0].code == "too-deep"


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        'Application/JSON;charset="UTF-8"',
        "application/merge-patch+json",
        "application/json;",
    ],
)
def test_json_in_utf8_is_taken(content_type: str) -> None:
    bodies.ensure_json(content_type)


@pytest.mark.parametrize(
    ("content_type", "encoding"),
    [
        ("", ""),
        ("text/plain", ""),
        ("text/json", ""),
        ("application/xml", ""),
        ("application/x-www-form-urlencoded", ""),
        ("multipart/form-data; boundary=x", ""),
        ("application/jsonp", ""),
        ("application/json; charset=utf-16", ""),
        ("application/json; charset=latin-1", ""),
        ("application/json, text/plain", ""),
        ("application/json", "deflate"),
        ("application/json", "gzip, gzip"),
        ("application/json", "identity, br"),
    ],
)
def test_any_other_body_is_unsupported(content_type: str, encoding: str) -> None:
    with pytest.raises(bodies.UnsupportedBody):
        bodies.ensure_json(content_type, encoding)


def test_a_body_over_the_limit_is_refused_before_it_is_read(settings: Settings) -> None:
    settings.MAX_BODY_BYTES = 100
    request = RequestFactory().post("/", b"{" * 101, content_type="application/json")
    with pytest.raises(bodies.BodyTooLarge):
        parsing.parse_request(request, Document)
    assert not hasattr(request, "_body")


def test_a_body_without_a_length_is_read_no_further_than_the_limit(settings: Settings) -> None:
    settings.MAX_BODY_BYTES = 100
    request = RequestFactory().post("/", b"[" * 5000, content_type="application/json")
    del request.META["CONTENT_LENGTH"]
    with pytest.raises(bodies.BodyTooLarge):
        bodies.read_body(request)


def test_djangos_own_limit_is_the_same_refusal(settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    request = RequestFactory().post("/", b"[" * 50, content_type="application/json")
    with pytest.raises(bodies.BodyTooLarge):
        bodies.read_body(request)


def test_the_raw_bytes_stay_readable() -> None:
    body = json.dumps(document_with()).encode()
    request = RequestFactory().post("/", body, content_type="application/json")
    assert parsing.parse_request(request, Document).customer == ID
    assert request.body == body


@pytest.mark.parametrize("wrapper", [parsing.StrictJSONParser, parsing.MergePatchParser])
def test_plain_views_get_the_same_reader(wrapper: type[BaseParser]) -> None:
    content_type = str(wrapper.media_type)
    plain = RequestFactory().post("/", b'{"a": 1, "a": 2}', content_type=content_type)
    with pytest.raises(InvalidInput):
        _ = Request(plain, parsers=[wrapper()]).data
    good = RequestFactory().post("/", b'{"a": 0.5}', content_type=content_type)
    assert Request(good, parsers=[wrapper()]).data == {"a": 0.5}
    packed = RequestFactory().post("/", b"{}", content_type=content_type, HTTP_CONTENT_ENCODING="br")
    with pytest.raises(bodies.UnsupportedBody):
        _ = Request(packed, parsers=[wrapper()]).data
