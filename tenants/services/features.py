"""Switching features and plans of a tenant."""

from django.utils import timezone

from tenants import features, ids
from tenants.models import FeatureOverride, Tenant
from tenants.scope import require_tenant_id
from tenants.statements import features as statements


def switch_feature(*, name: str, is_enabled: bool | None) -> None:
    """Override a feature for the current tenant; None gives it back to the plan. Raises UnknownFeature."""
    features.ensure_declared(name)
    if is_enabled is None:
        FeatureOverride.objects.filter(name=name).delete()
    else:
        statements.switch(
            override_id=ids.uuid7(), tenant_id=require_tenant_id(), name=name, is_enabled=is_enabled
        )
    features.forget()


def change_plan(*, plan: str) -> None:
    """Give the current tenant another plan."""
    Tenant.objects.filter(id=require_tenant_id()).update(plan=plan, updated_at=timezone.now())
    features.forget()
