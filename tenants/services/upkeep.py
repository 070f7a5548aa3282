"""Clearing away what logins leave behind."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Final

from django.utils import timezone

from tenants.domain.lockout import KNOWN_FOR
from tenants.statements import upkeep as statements

BATCH: Final = 5_000
# How long rows stay after they ended. Sessions say from where somebody has logged in before
# (`tenants.domain.lockout`); the life of an invitation is in the trail.
KEPT: Final = {
    "tenants_session": KNOWN_FOR,
    "tenants_loginchallenge": timedelta(days=1),
    "tenants_ssoround": timedelta(days=1),
    "tenants_socketticket": timedelta(days=1),
    "tenants_loginguard": timedelta(days=2),
    "tenants_invitation": timedelta(days=90),
}
TOKENS_KEPT: Final = timedelta(days=1)


def clear_dead_logins() -> dict[str, int]:
    """Delete what ended long enough ago, of all tenants, in batches; returns how many rows by table.

    A refresh token whose time is over is refused before anybody asks whether it was spent, so nothing
    about reuse is lost with it.
    """
    now = timezone.now()
    delete_tokens = partial(statements.delete_refresh_tokens, before=now - TOKENS_KEPT, at_most=BATCH)
    deleted = {"tenants_refreshtoken": _in_batches(delete_tokens)}
    for table, kept in KEPT.items():
        delete = partial(statements.delete_dead, table, before=now - kept, at_most=BATCH)
        deleted[table] = _in_batches(delete)
    return deleted


def _in_batches(delete: Callable[[], int]) -> int:
    total = 0
    while deleted := delete():
        total += deleted
    return total
