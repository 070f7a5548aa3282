"""Keys and values of the tenant's own on a record."""

from collections.abc import Mapping
from typing import Any

from django.db import models


class Tagged(models.Model):
    """A record with `metadata`: texts by keys of the tenant's choice, which mean nothing to the service.

    The index by which a list finds a key with its value is made by `invoicing.ddl.MetadataIndex`.
    """

    metadata = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))

    class Meta:
        abstract = True


class WithMetadata(models.Func):
    """The ids of the tenant's rows whose metadata has all the given pairs: `id__in=WithMetadata(Item, {…})`.

    A function of the owner's reads them (`invoicing.ddl`); the rows themselves are read as ever.
    """

    template = "(SELECT %(function)s(%(expressions)s))"
    output_field = models.UUIDField()

    def __init__(self, model: type[models.Model], pairs: Mapping[str, str], **extra: Any) -> None:
        wanted = models.Value(dict(pairs), models.JSONField())
        super().__init__(wanted, function=f"{model._meta.db_table}_with_metadata", **extra)
