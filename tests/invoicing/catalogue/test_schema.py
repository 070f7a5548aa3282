"""The schema of v2 says what its operations take and give."""

from importlib import import_module
from typing import Any

import pytest

from tenants.disclosure import GUARDED
from tests.invoicing.catalogue.kinds import Api, Kind


@pytest.fixture
def documented(kind: Kind) -> Any:
    return import_module(f"invoicing.api.v2.{kind.path.replace('-', '_')}").DOCUMENTED


def test_the_examples_work_and_the_answers_have_the_members_that_are_documented(
    v2: Api, kind: Kind, documented: Any
) -> None:
    needed = {member: v2.body(kind)[member] for member in kind.needs}
    created = v2.client.post(v2.url(kind.path), {**documented.example, **needed})
    assert created.status_code == 201, created.content
    made = created.json()
    shape = documented.creation["responses"][201].response
    assert set(made) == set(shape["properties"]) == set(shape["required"]) | (set(GUARDED) & set(made))
    assert v2.client.get(created["Location"]).json() == made
    changed = v2.patch(kind, made, documented.change_example)
    assert changed.status_code == 200, changed.content


OPERATIONS = {"list", "create", "retrieve", "update", "deactivate", "reactivate"}


def test_every_operation_is_summed_up_and_names_its_permission(v2: Api, kind: Kind) -> None:
    schema = v2.client.get("/api/v2/schema/?format=json").json()
    operations = [
        operation
        for path, methods in schema["paths"].items()
        if path.startswith(f"/api/v2/{kind.path}")
        for operation in methods.values()
        # What else a record can be asked for is for other tests.
        if operation["operationId"].rpartition("_")[2] in OPERATIONS
    ]
    assert len(operations) == 6
    for operation in operations:
        assert operation["summary"]
        expected = (
            {"catalogue.read"}
            if operation["operationId"].endswith(("list", "retrieve"))
            else {kind.capability}
        )
        assert {operation["x-permission"]} == expected
        assert {"401", "403", "404"} <= set(operation["responses"])
