"""v2 guards against lost updates by entity tags; v1 lets the last write win."""

from concurrent.futures import ThreadPoolExecutor

from django.db import connections

from tests.factories import ApiClient
from tests.invoicing.catalogue.kinds import Api, Kind


def test_a_read_that_has_the_version_already_costs_no_body(v2: Api, kind: Kind) -> None:
    made = v2.make(kind)
    url = v2.url(f"{kind.path}/{made['id']}")
    first = v2.client.get(url)
    again = v2.client.get(url, HTTP_IF_NONE_MATCH=first["ETag"])
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    v2.patch(kind, made, kind.change)
    assert v2.client.get(url, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200


def test_an_update_names_the_version_it_is_of(v2: Api, kind: Kind) -> None:
    made = v2.make(kind)
    url = v2.url(f"{kind.path}/{made['id']}")
    assert v2.client.patch(url, kind.change).status_code == 428
    for tag in ('"v7"', '"nonsense"', "*", 'W/"v1"'):
        assert v2.client.patch(url, kind.change, HTTP_IF_MATCH=tag).status_code == 412
    assert v2.read(kind, made["id"]) == made
    changed = v2.client.patch(url, kind.change, HTTP_IF_MATCH='"v1"')
    assert (changed.status_code, changed["ETag"]) == (200, '"v2"')
    assert v2.client.patch(url, kind.change, HTTP_IF_MATCH='"v1"').status_code == 412


def test_a_change_that_changes_nothing_makes_no_version(v2: Api, kind: Kind) -> None:
    made = v2.make(kind)
    answer = v2.patch(kind, made, {kind.label: made[kind.label]})
    assert v2.data(answer) == made


def test_deactivating_minds_a_version_that_is_named(v2: Api, kind: Kind) -> None:
    made = v2.make(kind)
    url = v2.url(f"{kind.path}/{made['id']}")
    v2.patch(kind, made, kind.change)
    assert v2.client.delete(url, HTTP_IF_MATCH='"v1"').status_code == 412
    assert v2.read(kind, made["id"])["is_active"] is True
    assert v2.client.delete(url, HTTP_IF_MATCH='"v2"').status_code == 204


def test_of_two_updates_of_one_version_one_is_refused(v2: Api, kind: Kind) -> None:
    made = v2.make(kind)
    url = v2.url(f"{kind.path}/{made['id']}")

    def change(number: int) -> int:
        client = ApiClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {v2.client.access}")
        body = {kind.label: f"{made[kind.label][:12]} {number}"}
        try:
            return client.patch(url, body, HTTP_IF_MATCH='"v1"').status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(change, range(4)))
    assert statuses == [200, 412, 412, 412]
    assert v2.read(kind, made["id"])["version"] == 2
