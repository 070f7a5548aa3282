"""What holds for every kind of master data, in both versions."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tenants import ids
from tenants.models import Tenant
from tests.factories import ApiClient, scope_of
from tests.invoicing.catalogue.kinds import KINDS, Api, Kind, stored


def test_what_was_made_is_read_as_it_was_stated(api: Api, kind: Kind) -> None:
    body = api.body(kind)
    answer = api.client.post(api.url(kind.path), body)
    assert answer.status_code == 201
    made = api.data(answer)
    assert made["id"].startswith(f"{kind.model.public_prefix}_")
    assert made["is_active"] is True
    assert {name: made[name] for name in body} == body
    assert datetime.fromisoformat(made["created_at"]).utcoffset() is not None
    assert api.read(kind, made["id"]) == made


def test_a_merge_patch_changes_what_it_names_and_nothing_else(api: Api, kind: Kind) -> None:
    made = api.make(kind)
    answer = api.patch(kind, {"version": 1, **made}, kind.change)
    assert answer.status_code == 200, answer.content
    changed = api.data(answer)
    untouched = set(made) - set(kind.change) - {"updated_at", "version"}
    assert {name: changed[name] for name in kind.change} == kind.change
    assert {name: changed[name] for name in untouched} == {name: made[name] for name in untouched}
    assert api.read(kind, made["id"]) == changed


@pytest.mark.parametrize("media_type", ["application/json", "application/merge-patch+json"])
def test_a_patch_may_say_that_it_is_a_merge_patch(api: Api, kind: Kind, media_type: str) -> None:
    made = api.make(kind)
    answer = api.client.patch(
        api.url(f"{kind.path}/{made['id']}"), b"{}", content_type=media_type, HTTP_IF_MATCH='"v1"'
    )
    assert answer.status_code == 200, answer.content
    assert api.data(answer) == made


def test_null_takes_back_what_is_optional_and_not_what_is_required(api: Api, kind: Kind) -> None:
    made = {"version": 1, **api.make(kind)}
    refused = api.patch(kind, made, {kind.label: None})
    assert refused.status_code == 400
    assert api.pointers(refused) == [f"/{kind.label}"]
    assert api.read(kind, made["id"])[kind.label] == made[kind.label]


def test_deactivating_hides_a_record_from_lists_and_keeps_it_readable(api: Api, kind: Kind) -> None:
    made = api.make(kind)
    url = api.url(f"{kind.path}/{made['id']}")
    for _ in range(2):
        answer = api.client.delete(url)
        assert (answer.status_code, answer.content) == (204, b"")
    assert api.read(kind, made["id"])["is_active"] is False
    assert made["id"] not in [row["id"] for row in api.rows(kind)]
    assert made["id"] in [row["id"] for row in api.rows(kind, "include_inactive=true")]


def test_a_deactivated_record_is_changed_only_once_it_is_back(api: Api, kind: Kind) -> None:
    made = api.make(kind)
    url = api.url(f"{kind.path}/{made['id']}")
    api.client.delete(url)
    refused = api.patch(kind, {"version": 1, **api.read(kind, made["id"])}, kind.change)
    assert refused.status_code == 409
    back = api.client.post(f"{url}/reactivate")
    assert back.status_code == 200
    assert api.data(back)["is_active"] is True
    assert api.patch(kind, {"version": 1, **api.data(back)}, kind.change).status_code == 200


def test_a_repeated_request_makes_one_record(api: Api, kind: Kind) -> None:
    body = api.body(kind)
    before = len(api.rows(kind))
    answers = [api.client.post(api.url(kind.path), body, HTTP_IDEMPOTENCY_KEY="once") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert len(api.rows(kind)) == before + 1


def test_another_tenants_record_looks_like_a_missing_one(
    api: Api, other: Api, kind: Kind, globex: Tenant
) -> None:
    foreign = other.make(kind)
    with scope_of(globex):
        before = stored(kind, foreign["id"])
    missing = ids.encode(kind.model.public_prefix, ids.uuid7())
    calls: list[tuple[str, str, Any]] = [
        ("get", "", None),
        ("patch", "", kind.change),
        ("delete", "", None),
        ("post", "/reactivate", None),
    ]
    for method, action, body in calls:
        shapes = []
        for public_id in (foreign["id"], missing, "nonsense"):
            url = api.url(f"{kind.path}/{public_id}{action}")
            answer = getattr(api.client, method)(url, body)
            assert answer.status_code == 404
            told = {k: v for k, v in answer.json().items() if k not in ("instance", "timestamp")}
            shapes.append(told)
        assert shapes[0] == shapes[1] == shapes[2]
    assert foreign["id"] not in [row["id"] for row in api.rows(kind, "include_inactive=true")]
    with scope_of(globex):
        assert stored(kind, foreign["id"]) == before


@pytest.mark.parametrize(
    ("kind", "role"),
    [
        (kind, role)
        for kind in KINDS
        for role in ("viewer", "auditor", "editor")
        if (role, kind.capability) != ("editor", "catalogue.write")
    ],
    ids=str,
)
def test_who_may_not_write_changes_nothing(
    api: Api, kind: Kind, acme: Tenant, role: str, client_as: Callable[[str], ApiClient]
) -> None:
    made, body = api.make(kind), api.body(kind)
    with scope_of(acme):
        before = list(kind.model.all_objects.order_by("id").values())
    client = client_as(role)
    url = api.url(f"{kind.path}/{made['id']}")
    refusals = [
        client.post(api.url(kind.path), body),
        client.patch(url, kind.change, HTTP_IF_MATCH='"v1"'),
        client.delete(url),
        client.post(f"{url}/reactivate"),
    ]
    assert [answer.status_code for answer in refusals] == [403] * 4
    assert client.get(url).status_code == 200
    assert client.get(api.url(kind.path)).status_code == 200
    with scope_of(acme):
        assert list(kind.model.all_objects.order_by("id").values()) == before


def test_an_editor_writes_the_catalogue_and_leaves_sellers_and_series_alone(
    api: Api, kind: Kind, client_as: Callable[[str], ApiClient]
) -> None:
    answer = client_as("editor").post(api.url(kind.path), api.body(kind))
    assert answer.status_code == (201 if kind.capability == "catalogue.write" else 403)


def test_nobody_reads_without_logging_in(api: Api, kind: Kind) -> None:
    assert ApiClient().get(api.url(kind.path)).status_code == 401
