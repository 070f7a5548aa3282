"""Refusals and failures as answers of each version, and what never gets into them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tenants.errors import Kind
from tenants.http.problems import STATUSES

pytestmark = pytest.mark.urls("tests.tenants.surface")


@pytest.fixture
def client() -> Iterator[Client]:
    yield Client(raise_request_exception=False)
    # The test client leaves a lost connection open, which a server's end of request would not.
    connection.close()


def test_every_kind_has_one_status() -> None:
    assert set(STATUSES) == set(Kind)
    assert len(set(STATUSES.values())) == len(Kind)


@pytest.mark.parametrize("kind", Kind)
def test_a_kind_answers_its_status_in_both_versions(client: Client, kind: Kind) -> None:
    for version in ("v1", "v2"):
        answer = client.get(f"/api/{version}/fail/{kind.value}")
        assert answer.status_code == STATUSES[kind]
        assert ("Retry-After" in answer.headers) == (kind is Kind.UNAVAILABLE)
        assert answer.headers.get("WWW-Authenticate", "").startswith("Bearer") == (
            kind is Kind.UNAUTHENTICATED
        )


def test_v2_answers_problem_details(client: Client) -> None:
    answer = client.get("/api/v2/fail/domain")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json() == {
        "type": "urn:problem-type:quittance:invoice-already-issued",
        "title": "The invoice has left draft.",
        "status": 409,
        "detail": "The invoice has left draft.",
        "code": "invoice-already-issued",
        "instance": "/api/v2/fail/domain",
        "revision": 7,
        "errors": [{"pointer": "/lines/0/tax~1rate", "code": "frozen", "detail": "Frozen."}],
    }


def test_v1_answers_its_envelope(client: Client) -> None:
    answer = client.get("/api/v1/fail/domain")
    body = answer.json()
    moment = datetime.fromisoformat(body.pop("timestamp").replace("Z", "+00:00"))
    assert abs(moment - datetime.now(UTC)) < timedelta(minutes=1)
    assert answer.headers["Content-Type"] == "application/json"
    assert body == {
        "success": False,
        "error": "INVOICE_ALREADY_ISSUED",
        "message": "The invoice has left draft.",
        "fields": {"lines.0.tax/rate": ["Frozen."]},
        "revision": 7,
    }


def test_a_tree_of_messages_becomes_pointers(client: Client) -> None:
    problem = client.get("/api/v2/fail/tree").json()
    assert {(fault["pointer"], fault["code"]) for fault in problem["errors"]} == {
        ("/name", "invalid"),
        ("/lines/1/quantity", "odd-number"),
        ("", "invalid"),
        ("/codes/1", "invalid"),
    }
    envelope = client.get("/api/v1/fail/tree").json()
    assert set(envelope["fields"]) == {"name", "lines.1.quantity", "non_field_errors", "codes.1"}


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ("http404", 404, "not-found"),
        ("drf404", 404, "not-found"),
        ("forbidden403", 403, "forbidden"),
        ("suspicious", 400, "bad-request"),
        ("anonymous", 401, "not-authenticated"),
        ("throttle", 429, "too-many-requests"),
        ("tree", 400, "invalid-input"),
        ("overflow", 400, "value-out-of-range"),
        ("dead_database", 503, "unavailable"),
        ("bug", 500, "internal-error"),
        ("driver", 500, "internal-error"),
        ("missing_table", 500, "internal-error"),
    ],
)
def test_the_errors_of_others_are_translated(client: Client, how: str, status: int, code: str) -> None:
    answer = client.get(f"/api/v2/fail/{how}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert client.get(f"/api/v1/fail/{how}").json()["error"] == code.replace("-", "_").upper()


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize(
    "how",
    ["http404", "drf404", "forbidden403", "suspicious", "overflow", "dead_database", "bug", "missing_table"],
)
def test_no_answer_tells_of_our_insides(client: Client, version: str, how: str) -> None:
    text = client.get(f"/api/{version}/fail/{how}").content.decode().lower()
    for telling in (
        "select",
        "secret",
        "globex",
        "passwd",
        "hunter2",
        "psycopg",
        "traceback",
        ".py",
        "table",
    ):
        assert telling not in text.replace(f"/fail/{how}", "")


def test_a_dead_dependency_says_when_to_come_again(client: Client) -> None:
    assert client.get("/api/v2/fail/dead_database").headers["Retry-After"] == "5"
    assert client.get("/api/v2/fail/busy").headers["Retry-After"] == "17"
    assert client.get("/api/v2/fail/throttle").headers["Retry-After"] == "3"


def test_missing_login_names_the_scheme(client: Client) -> None:
    assert client.get("/api/v2/fail/anonymous").headers["WWW-Authenticate"].startswith("Bearer")


def test_an_unknown_path_is_a_problem_below_api_and_a_page_elsewhere(client: Client) -> None:
    assert client.get("/api/v2/nothing").json()["code"] == "not-found"
    assert client.get("/api/v1/nothing").json()["error"] == "NOT_FOUND"
    assert client.get("/api/v1/nothing").headers["Deprecation"].startswith("@")
    assert client.get("/page").headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("host", ["evil.example", "a b", "testserver@evil.example", "[::1", "x\x00y"])
def test_a_forged_host_is_a_bad_request(client: Client, host: str) -> None:
    answer = client.get("/api/v2/raw", HTTP_HOST=host)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-request")
    assert host not in answer.content.decode()


def test_a_method_that_is_not_there_names_those_that_are(client: Client) -> None:
    answer = client.put("/api/v2/fast", b"{}", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (405, "method-not-allowed")
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/*", "text/html, */*;q=0.1"])
def test_whoever_accepts_json_gets_it(client: Client, accept: str) -> None:
    answer = client.get("/api/v2/raw", headers={"accept": accept})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")


def test_a_form_of_answer_that_does_not_exist_is_missing(client: Client) -> None:
    assert client.get("/api/v2/raw?format=xml").status_code == 404
    assert client.get("/api/v2/raw?format=json").status_code == 200


def test_an_answer_nobody_can_render_is_not_acceptable(client: Client) -> None:
    answer = client.get("/api/v2/raw", headers={"accept": "application/xml"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (406, "application/problem+json")


def test_line_feeds_of_a_path_do_not_reach_the_answer_raw(client: Client) -> None:
    instance: Any = client.get("/api/v2/no%0d%0aSet-Cookie:%20x").json()["instance"]
    assert "\n" not in instance
    assert "%0D%0A" in instance
