"""Whatever writes issued documents or postings says here that their period is closed.

The database decides (migration 0011): it looks for a lock while it holds what whoever closes a period waits
for, so that no statement of ours can come in between.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import psycopg
from django.db import IntegrityError

from invoicing.domain import periods


@contextmanager
def within_open_period(pointer: str) -> Iterator[None]:
    """Raise PeriodClosed at `pointer` where the database refuses a date for its period; all else passes."""
    try:
        yield
    except IntegrityError as error:
        cause = error.__cause__
        if not isinstance(cause, psycopg.Error) or cause.diag.constraint_name != "invoicing_period_closed":
            raise
        closed_through = date.fromisoformat(cause.diag.message_detail or "")
        raise periods.refusal(closed_through, pointer=pointer) from error
