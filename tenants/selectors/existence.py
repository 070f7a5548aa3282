"""Whether a record is there, told by its public id alone."""

from functools import cache

from django.apps import apps

from tenants import ids
from tenants.errors import NotFound
from tenants.models import TenantModel


def ensure_exists(*, public_id: str) -> None:
    """Raises NotFound unless the current tenant has a record of this id."""
    prefix = public_id.partition("_")[0]
    model = _models_by_prefix().get(prefix)
    if model is None or not model.all_objects.filter(id=ids.decode(prefix, public_id)).exists():
        raise NotFound


@cache
def _models_by_prefix() -> dict[str, type[TenantModel]]:
    return {
        model.public_prefix: model
        for model in apps.get_models()
        if issubclass(model, TenantModel) and hasattr(model, "public_prefix")
    }
