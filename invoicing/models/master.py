"""What the tables of master data have in common."""

from django.db import models

from tenants.models import SoftDeletable


class MasterRecord(SoftDeletable):
    """A row that documents refer to: deactivated rather than deleted.

    `version` counts changes from 1; it is the entity tag of the API and what a reader of a hint compares.
    """

    version = models.PositiveIntegerField(default=1)

    class Meta(SoftDeletable.Meta):
        abstract = True
