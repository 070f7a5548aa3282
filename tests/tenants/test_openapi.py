"""The schema says what the code does."""

from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from tests.tenants import surface


@pytest.fixture(scope="module")
def schema() -> Any:
    generated = SchemaGenerator(patterns=surface.urlpatterns).get_schema(request=None, public=True)
    validate_schema(generated)
    return generated


def test_strict_bodies_take_no_other_fields(schema: Any) -> None:
    assert schema["components"]["schemas"]["ThingIn"]["additionalProperties"] is False
    fast = schema["paths"]["/api/v2/fast"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert fast["additionalProperties"] is False
    assert fast["required"] == ["name", "quantity"]
    assert fast["properties"]["quantity"]["type"] == ["string", "integer"]


def test_every_operation_names_its_refusals_in_the_form_of_its_version(schema: Any) -> None:
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            media_type = "application/json" if path.startswith("/api/v1/") else "application/problem+json"
            for status in ("400", "401", "403", "404", "429", "503"):
                assert media_type in operation["responses"][status]["content"]
            assert ("413" in operation["responses"]) == ("requestBody" in operation)


def test_v1_is_marked_deprecated_and_wrapped(schema: Any) -> None:
    operation = schema["paths"]["/api/v1/things"]["post"]
    assert operation["deprecated"] is True
    success = operation["responses"]["200"]["content"]["application/json"]["schema"]
    assert set(success["properties"]) == {"success", "data"}
    assert "deprecated" not in schema["paths"]["/api/v2/things"]["post"]


def test_query_parameters_come_from_the_struct(schema: Any) -> None:
    parameters = {one["name"]: one for one in schema["paths"]["/api/v2/things"]["get"]["parameters"]}
    assert set(parameters) == {"cursor", "limit", "include", "q", "overdue", "min_total", "year"}
    assert parameters["limit"]["schema"]["minimum"] == 1


def test_a_base_class_describes_no_operation(schema: Any) -> None:
    for operations in schema["paths"].values():
        for operation in operations.values():
            assert "An API view of" not in operation.get("description", "")
