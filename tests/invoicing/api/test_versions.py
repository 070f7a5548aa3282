"""v1 announces its end and wraps its answers; v2 does neither."""

import pytest
from django.http import HttpResponse

from tests.invoicing.api.client import Invoices

DEPRECATED = ("Deprecation", "Sunset", "Link")


def _answers(api: Invoices) -> list[HttpResponse]:
    made = api.make()
    return [
        api.get(),
        api.get(f"/{made['id']}"),
        api.get(f"/{made['id']}/explain"),
        api.post(body=api.body()),
        api.post(body={}),
        api.get("/inv_x"),
        api.issue(made["id"]),
        api.issue(made["id"]),
        api.delete(api.make()["id"]),
    ]


def test_every_answer_of_v1_announces_its_end(v1: Invoices) -> None:
    for answer in _answers(v1):
        assert answer.headers["Deprecation"].startswith("@")
        assert answer.headers["Sunset"].endswith(" GMT")
        assert answer.headers["Link"].startswith("</api/v2/invoices")
        assert answer.headers["Link"].endswith('>; rel="successor-version"')


def test_no_answer_of_v2_does(v2: Invoices) -> None:
    for answer in _answers(v2):
        assert not any(name in answer.headers for name in DEPRECATED)


def test_v1_wraps_what_it_answers(v1: Invoices) -> None:
    for answer in _answers(v1):
        if answer.status_code == 204:
            assert answer.content == b""
            continue
        body = answer.json()  # type: ignore[attr-defined]
        if answer.status_code < 300:
            assert set(body) == {"success", "data"}
            assert body["success"] is True
        else:
            assert set(body) == {"success", "error", "message", "timestamp", "fields"}
            assert body["success"] is False
            assert body["error"] == body["error"].upper()


def test_v2_answers_problems(v2: Invoices) -> None:
    for answer in _answers(v2):
        if answer.status_code >= 400:
            assert answer.headers["Content-Type"] == "application/problem+json"
            body = answer.json()  # type: ignore[attr-defined]
            assert {"type", "title", "status", "detail", "code", "instance"} <= set(body)
            assert body["status"] == answer.status_code


@pytest.mark.parametrize("path", ["", "/"])
def test_both_spellings_of_a_path_reach_the_view(api: Invoices, path: str) -> None:
    assert api.post(path, api.body()).status_code == 201
    assert api.get(path).status_code == 200


def test_both_versions_show_the_same_amounts(v1: Invoices, v2: Invoices) -> None:
    made = v2.make(issue=True)
    former = v1.read(made["id"])
    assert former["totals"] == made["totals"]
    assert former["lines"] == made["lines"]
    assert set(made) - set(former) == {"version"}


def test_a_request_id_is_echoed(api: Invoices) -> None:
    answer = api.get(HTTP_X_REQUEST_ID="abc-123")
    assert answer.headers["X-Request-ID"] == "abc-123"
    assert api.get(HTTP_X_REQUEST_ID="bad id").headers["X-Request-ID"].startswith("req_")
