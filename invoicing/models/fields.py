"""Column types of invoicing."""

from enum import StrEnum
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class ExactDecimalField(models.DecimalField):  # type: ignore[type-arg]
    """`numeric` without a declared scale: every digit given is kept, none is added.

    A declared scale would round what is longer and pad what is shorter; currencies have between
    no and four decimals and a unit price as many as it needs. Django insists on limits for its own
    validation, so generous ones are set.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs["max_digits"], kwargs["decimal_places"] = 60, 30
        super().__init__(**kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_digits"], kwargs["decimal_places"]
        return name, path, args, kwargs

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "numeric"


class LedgerMoment(models.Func):
    """The present, as the ledger keeps it: taken under the tenant's ledger lock, shared until the commit.

    A report waits for those who hold it (`invoicing.statements.receivables.close_of_recording`), so nothing
    is recorded later with a time that a report has already covered.
    """

    function = "invoicing_ledger_moment"
    output_field = models.DateTimeField()


def choices(states: type[StrEnum]) -> list[tuple[str, str]]:
    """A domain enumeration as Django wants to hear it."""
    return [(state.value, state.value.replace("_", " ")) for state in states]
