"""Envelope and headers of each version, and paths with and without their slash."""

from decimal import Decimal
from uuid import UUID

import pytest
from django.test import Client
from django.urls import resolve, reverse

from tenants.http.rendering import to_json
from tenants.http.routes import route

pytestmark = pytest.mark.urls("tests.tenants.surface")

THING = {"name": "Pen", "amount": "1.50"}


def test_v1_wraps_what_it_answers(client: Client) -> None:
    answer = client.post("/api/v1/things", THING, content_type="application/json")
    assert answer.status_code == 201
    assert answer.json() == {"success": True, "data": THING}
    assert client.get("/api/v1/raw").content == b'{"success":true,"data":{"total":"1.10"}}'


def test_v2_answers_the_resource_itself(client: Client) -> None:
    assert client.post("/api/v2/things", THING, content_type="application/json").json() == THING
    assert client.get("/api/v2/raw").content == b'{"total":"1.10"}'


def test_an_answer_without_a_body_stays_without_one(client: Client) -> None:
    answer = client.delete("/api/v1/things")
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize(
    "path", ["/api/v1/raw", "/api/v1/raw?x=1", "/api/v1/fail/http404", "/api/v1/nothing"]
)
def test_v1_announces_its_end_on_every_answer(client: Client, path: str) -> None:
    headers = client.get(path).headers
    assert int(headers["Deprecation"].removeprefix("@")) > 1_700_000_000
    assert headers["Sunset"].endswith(" GMT")
    successor = path.split("?")[0].replace("v1", "v2")
    assert headers["Link"] == f'<{successor}>; rel="successor-version"'


@pytest.mark.parametrize("path", ["/api/v2/raw", "/api/v2/fail/http404", "/page"])
def test_v2_announces_nothing(client: Client, path: str) -> None:
    headers = client.get(path).headers
    assert not {"Deprecation", "Sunset", "Link"} & set(headers)


@pytest.mark.parametrize("path", ["/api/v2/things", "/api/v2/things/"])
def test_both_spellings_of_a_path_are_one_view(client: Client, path: str) -> None:
    answer = client.post(path, THING, content_type="application/json")
    assert answer.status_code == 201
    assert resolve(path).view_name == "v2:things"


def test_a_path_is_reversed_without_its_slash() -> None:
    assert reverse("v2:fail", kwargs={"how": "bug"}) == "/api/v2/fail/bug"


@pytest.mark.parametrize("path", ["/api/v2/things//", "/api/v2//things", "/api/v2/things/x", "/api/v2/fail/"])
def test_other_spellings_are_other_paths(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_route_is_declared_without_its_slash() -> None:
    with pytest.raises(ValueError, match="slash"):
        route("things/", resolve("/page").func, name="x")


def test_decimals_leave_as_plain_strings() -> None:
    value = {"a": Decimal("1E+2"), "b": Decimal("0.10"), "c": [UUID(int=5)], 1: {"z", "y"}}
    assert to_json(value) == (
        b'{"a":"100","b":"0.10","c":["00000000-0000-0000-0000-000000000005"],"1":["y","z"]}'
    )
    with pytest.raises(TypeError):
        to_json(object())
