"""The product's source as syntax trees, each module with its package and ring."""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

N = TypeVar("N", bound=ast.AST)

REPOSITORY = Path(__file__).resolve().parents[2]
TOWER = ("config", "payments", "sync", "invoicing", "audit", "tenants")
ADAPTERS = frozenset({"backends", "transports", "documents", "gateways", "sources"})


@dataclass(frozen=True)
class Module:
    """One file; `ring` is the name below the package, "floor" for a module directly in it."""

    path: str
    text: str

    @property
    def package(self) -> str:
        return self.path.partition("/")[0]

    @property
    def ring(self) -> str:
        parts = self.path.split("/")
        if len(parts) == 2:
            return {"models.py": "models", "tasks.py": "tasks", "managers.py": "managers"}.get(
                parts[1], {"selectors.py": "selectors", "services.py": "services"}.get(parts[1], "floor")
            )
        return "adapters" if parts[1] in ADAPTERS else parts[1]

    @property
    def tree(self) -> ast.Module:
        return _parsed(self.text)

    def nodes(self, kind: type[N]) -> list[N]:
        return [node for node in ast.walk(self.tree) if isinstance(node, kind)]


@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the tower, migrations left out: those are a record, not code that is called."""
    return tuple(
        Module(str(path.relative_to(REPOSITORY)), path.read_text(encoding="utf-8"))
        for package in TOWER
        for path in sorted((REPOSITORY / package).rglob("*.py"))
        if "migrations" not in path.parts
    )


def dotted(node: ast.AST) -> str:
    """`a.b.c` for such an expression, "" for any other; calls and subscripts inside show as `()`."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    if isinstance(node, ast.Call | ast.Subscript):
        return f"{dotted(node.func if isinstance(node, ast.Call) else node.value)}()"
    return ""
