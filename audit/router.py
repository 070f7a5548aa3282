"""Which table lives in which database.

The main database is reached as `default` (role app), `owner` and `platform`; the trail's as
`audit`, `audit_owner` and `audit_platform`. Only the trail's own models live in the latter.
"""

from typing import Any

from django.db import models

MAIN_OWNER, TRAIL_OWNER = "owner", "audit_owner"
TRAIL_MODELS = frozenset({"entry"})


class AuditRouter:
    def db_for_read(self, model: type[models.Model], **_hints: Any) -> str | None:
        return "audit" if _in_trail(model._meta.app_label, model._meta.model_name) else None

    def db_for_write(self, model: type[models.Model], **_hints: Any) -> str | None:
        return "audit" if _in_trail(model._meta.app_label, model._meta.model_name) else None

    def allow_relation(self, _one: models.Model, _other: models.Model, **_hints: Any) -> bool | None:
        return None

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **hints: Any) -> bool:
        """Tables are made by the owners only; `hints["trail"]` places an operation without a model."""
        in_trail = bool(hints.get("trail")) or _in_trail(app_label, model_name)
        return db == (TRAIL_OWNER if in_trail else MAIN_OWNER)


def _in_trail(app_label: str, model_name: str | None) -> bool:
    return app_label == "audit" and model_name in TRAIL_MODELS
