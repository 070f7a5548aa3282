"""Which features a tenant has: by its plan, by the installation's default, by an override of its own.

    APPROVALS = features.declare("approvals", "Invoices are approved before issue.", plans={"enterprise"})

    if features.enabled(APPROVALS): ...

Declared once, where the feature lives, when its package is loaded. An override wins over the plan, the
plan over the default.
"""

from collections.abc import Collection
from contextvars import ContextVar
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured

from tenants import scope
from tenants.errors import DomainError, Kind
from tenants.statements import features as statements
from tenants.statements.features import Bought


class UnknownFeature(LookupError):
    """Nobody declared a feature of this name: a programming error."""


class FeatureUnavailable(DomainError):
    """This feature is not part of the tenant's plan."""

    kind, code = Kind.FORBIDDEN, "feature-unavailable"


@dataclass(frozen=True, slots=True)
class Feature:
    """`is_default`: every plan has it. `plans`: the plans that have it beside that."""

    name: str
    description: str
    is_default: bool
    plans: frozenset[str]


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a tenant has a feature, and what decides that: "default", "plan" or "override"."""

    name: str
    description: str
    enabled: bool
    because: str


_declared: dict[str, Feature] = {}
_known: ContextVar[tuple[scope.Scope, Bought] | None] = ContextVar("quittance_features", default=None)


def declare(name: str, description: str, *, is_default: bool = False, plans: Collection[str] = ()) -> str:
    """Make a feature known; returns its name. Raises ImproperlyConfigured where it is known otherwise."""
    feature = Feature(name, description, is_default, frozenset(plans))
    if _declared.setdefault(name, feature) != feature:
        raise ImproperlyConfigured(f"two features named {name}")
    return name


def all_features() -> list[Feature]:
    """Every declared feature, by name."""
    return [_declared[name] for name in sorted(_declared)]


def enabled(name: str) -> bool:
    """Whether the current tenant has the feature. One statement for each scope, however often asked.

    Raises UnknownFeature, NoScope.
    """
    ensure_declared(name)
    feature, bought = _declared[name], _of_tenant()
    return bought.overrides.get(name, feature.is_default or bought.plan in feature.plans)


def ensure_declared(name: str) -> None:
    """Raises UnknownFeature."""
    if name not in _declared:
        raise UnknownFeature(name)


def ensure_enabled(name: str) -> None:
    """Raises FeatureUnavailable unless the current tenant has the feature."""
    if not enabled(name):
        raise FeatureUnavailable(feature=name)


def standings() -> list[Standing]:
    """Every declared feature as it stands for the current tenant, by name. Raises NoScope."""
    bought = _of_tenant()
    return [
        Standing(
            feature.name,
            feature.description,
            enabled(feature.name),
            "override" if feature.name in bought.overrides else "default" if feature.is_default else "plan",
        )
        for feature in all_features()
    ]


def plan() -> str:
    """The plan of the current tenant. Raises NoScope."""
    return _of_tenant().plan


def forget() -> None:
    """Read again at the next question; for whoever changed a plan or an override in this scope."""
    _known.set(None)


def _of_tenant() -> Bought:
    current = scope.current()
    known = _known.get()
    if known is None or known[0] is not current:
        known = (current, statements.read(tenant_id=scope.require_tenant_id()))
        _known.set(known)
    return known[1]
