"""The plain views: what a serializer of REST framework would bend or ignore, ours refuse."""

import json
from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.urls("tests.tenants.surface")


def post(client: Client, value: Any, path: str = "/api/v2/things") -> Any:
    return client.post(path, json.dumps(value), content_type="application/json")


def faults_of(answer: Any) -> dict[str, str]:
    assert answer.status_code == 400, answer.content
    return {fault["pointer"]: fault["code"] for fault in answer.json()["errors"]}


def test_a_good_body_comes_back_normalised(client: Client) -> None:
    body = {"name": " Cafe\u0301 ", "note": "a\nb", "amount": "-0.00", "due": "2024-02-29", "count": 3}
    answer = post(client, {**body, "active": True, "customer": "cus_01m7yjjqp6e82vg0wxxg4jgern"})
    assert answer.json() == {
        "name": "Café",
        "note": "a\nb",
        "amount": "0.00",
        "due": "2024-02-29",
        "count": 3,
        "active": True,
        "customer": "cus_01m7yjjqp6e82vg0wxxg4jgern",
    }


BENT: dict[str, list[Any]] = {
    "amount": ["NaN", "1E+2", "1_000", "٥", " 5\n", 0.1, True, "1.23456", "9" * 5000, None],
    "count": [2_147_483_648, 10**30, "5", 5.0, True, -1],
    "due": ["2023-02-29", "٢٠٢٦-٠١-٠١", "0000-01-01", "2026-1-1", "2026-01-01\n", 5, 20260101],
    "name": ["", "  ", "a\nb", "a\tb", 5, True, [], "x" * 11],
    "active": ["yes", "true", 1, "", None],
    "customer": ["inv_01m7yjjqp6e82vg0wxxg4jgern", 5, "cus_", "CUS_01M7YJJQP6E82VG0WXXG4JGERN"],
}


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, values in BENT.items() for value in values]
)
def test_a_bent_value_is_refused_where_it_stands(client: Client, field: str, value: Any) -> None:
    assert list(faults_of(post(client, {"name": "Pen", field: value}))) == [f"/{field}"]


def test_invisible_characters_are_refused_before_the_view(client: Client) -> None:
    for mark in ("\u202e", "\u200b", "\x00", "\ud800"):
        assert faults_of(post(client, {"name": f"a{mark}"})) == {"/name": "forbidden-character"}


def test_unknown_and_read_only_fields_are_refused_beside_all_other_faults(client: Client) -> None:
    answer = post(client, {"amount": 0.1, "number": "R-1", "tenant_id": "x"})
    assert faults_of(answer) == {
        "/name": "missing",
        "/amount": "wrong-type",
        "/number": "read-only",
        "/tenant_id": "unknown-field",
    }


def test_nested_faults_keep_their_place(client: Client) -> None:
    things = [{"name": "Pen"}, {"name": "Pen", "is_staff": True}, {"count": "1"}]
    assert faults_of(post(client, {"things": things}, "/api/v2/boxes")) == {
        "/things/1/is_staff": "unknown-field",
        "/things/2/name": "missing",
        "/things/2/count": "invalid",
    }


@pytest.mark.parametrize("body", ["[]", "5", '"x"', "null"])
def test_a_body_of_another_kind_is_refused(client: Client, body: str) -> None:
    answer = client.post("/api/v2/things", body, content_type="application/json")
    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["/api/v2/things", "/api/v2/fast"])
@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b'{"name": "a", "name": "b"}', {}, 400),
        (b"[" * 5000 + b"]" * 5000, {}, 400),
        (b"{} {}", {}, 400),
        (b"\xff", {}, 400),
        (b"{}", {"Content-Type": "text/plain"}, 415),
        (b"name=a", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
        (b"{}", {"Content-Type": "application/json; charset=utf-16"}, 415),
        (b"\x1f\x8b", {"Content-Encoding": "gzip"}, 400),
        (b"{}", {"Content-Encoding": "br"}, 415),
        (b'"' + b"x" * 2_100_000 + b'"', {}, 413),
    ],
)
def test_hot_and_plain_views_refuse_the_same_bodies(
    client: Client, path: str, body: bytes, headers: dict[str, str], status: int
) -> None:
    content_type = headers.get("Content-Type", "application/json")
    encoding = headers.get("Content-Encoding", "identity")
    answer = client.post(path, body, content_type=content_type, headers={"Content-Encoding": encoding})
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
