"""Every package explains itself, every view says what it demands, every tenant's table is protected."""

import ast
from typing import Any

import pytest
from django.apps import apps
from django.core.management import get_commands, load_command_class
from django.db import connections
from django.db.migrations.loader import MigrationLoader

from tenants.capabilities import ALL
from tenants.ddl import TenantTable
from tenants.models import TenantModel
from tests.architecture.source import REPOSITORY, TOWER, modules
from tests.isolation import surface

README_LINES = 60


@pytest.mark.parametrize("package", [*TOWER, "tests"])
def test_a_package_has_a_short_readme_that_says_where_things_go(package: str) -> None:
    text = (REPOSITORY / package / "README.md").read_text(encoding="utf-8")
    for heading in ("## What lives here", "## What it may import", "## Where to add a thing"):
        assert heading in text
    assert text.count("\n") <= README_LINES


def unprotected(protected: set[str]) -> set[str]:
    """Models of a tenant's rows whose table no migration has protected."""
    return {
        model._meta.label
        for model in apps.get_models()
        if issubclass(model, TenantModel) and model._meta.label_lower not in protected
    }


def protected_by_migrations() -> set[str]:
    loader = MigrationLoader(connections["owner"])
    return {
        f"{app}.{operation.model}".lower()
        for (app, _), migration in loader.disk_migrations.items()
        for operation in migration.operations
        if isinstance(operation, TenantTable)
    }


def test_every_tenants_model_is_protected_by_a_migration() -> None:
    assert unprotected(protected_by_migrations()) == set()


def test_a_model_without_its_migration_operation_is_found() -> None:
    assert unprotected(protected_by_migrations() - {"invoicing.customer"}) == {"invoicing.Customer"}


def undeclared(views: list[tuple[str, Any]]) -> list[str]:
    """Views that neither are public nor name a known capability."""
    return [
        name
        for name, view in views
        if not getattr(view, "public", False) and not declared_capabilities(view) <= ALL | {"signed-in"}
    ]


def declared_capabilities(view: Any) -> set[str]:
    capability = getattr(view, "capability", None)
    if capability is None:
        return {"nothing declared"}
    return set(capability.values()) if hasattr(capability, "values") else {str(capability)}


def test_every_view_declares_a_capability_or_is_public() -> None:
    views = [(route.template, route.view) for route in surface.routes()]
    assert undeclared(views) == []


def test_a_view_without_a_declaration_is_found() -> None:
    class Silent:
        pass

    class Mistyped:
        capability = {"GET": "invoices.red"}

    assert undeclared([("silent", Silent), ("mistyped", Mistyped)]) == ["silent", "mistyped"]


def test_every_command_of_ours_says_what_it_does() -> None:
    ours = {name: app for name, app in get_commands().items() if app in TOWER}
    assert ours
    for name, app in ours.items():
        assert load_command_class(app, name).help, f"{name} has no help"


def positional_transactions(text: str) -> list[str]:
    """Functions that open a transaction and can be called without naming their arguments."""
    return [
        node.name
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef)
        and any("atomic" in ast.unparse(decorator) for decorator in node.decorator_list)
        and node.args.args
    ]


def test_what_opens_a_transaction_takes_keywords_only() -> None:
    assert [
        (m.path, positional_transactions(m.text)) for m in modules() if positional_transactions(m.text)
    ] == []


def test_a_positional_service_is_found() -> None:
    assert positional_transactions("@transaction.atomic\ndef issue(invoice_id): ...") == ["issue"]
