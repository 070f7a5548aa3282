"""Failed logins as the database counts them: in advance, so that none slips through beside another."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from tenants import ids
from tenants.domain.lockout import ELSEWHERE, KNOWN_FOR, Rule
from tenants.scope import require_tenant_id

# One statement decides, whoever asks and whether or not anybody bears the name. Failures that are
# older than the window are forgotten while nothing is locked; after a lock they are for a day, so that
# each further failure locks for twice as long.
_STALE = """guard.updated_at < %(now)s::timestamptz
    - CASE WHEN guard.failures < %(quota)s THEN %(window)s::interval ELSE %(memory)s::interval END"""
_FIRST_LOCK = "CASE WHEN %(quota)s <= 1 THEN %(now)s::timestamptz + %(shortest)s::interval END"
_BEGIN = f"""
WITH known AS (
    SELECT EXISTS (
        SELECT FROM tenants_membership m
        JOIN tenants_session s ON s.tenant_id = m.tenant_id AND s.membership_id = m.id
        WHERE m.tenant_id = %(tenant)s AND m.username = %(username)s
          AND s.client_address <<= %(network)s::inet
          AND s.created_at > %(now)s::timestamptz - %(known_for)s::interval
    ) AS here
)
INSERT INTO tenants_loginguard AS guard
    (tenant_id, id, created_at, updated_at, username_digest, place, failures, began_at, locked_until)
SELECT %(tenant)s, %(id)s, %(now)s, %(now)s, %(digest)s,
    CASE WHEN known.here THEN %(place)s ELSE %(elsewhere)s END, 1, %(now)s, {_FIRST_LOCK}
FROM known
ON CONFLICT (tenant_id, username_digest, place) DO UPDATE SET
    failures = CASE
        WHEN guard.locked_until > %(now)s THEN guard.failures
        WHEN {_STALE} THEN 1
        ELSE guard.failures + 1 END,
    began_at = CASE WHEN {_STALE} THEN %(now)s ELSE guard.began_at END,
    locked_until = CASE
        WHEN guard.locked_until > %(now)s THEN guard.locked_until
        WHEN {_STALE} THEN {_FIRST_LOCK}
        WHEN guard.failures + 1 >= %(quota)s THEN %(now)s::timestamptz + least(
            %(longest)s::interval,
            %(shortest)s::interval * power(2, least(guard.failures + 1 - %(quota)s, 20)))
        END,
    updated_at = CASE WHEN guard.locked_until > %(now)s THEN guard.updated_at ELSE %(now)s END
RETURNING coalesce(old.locked_until > %(now)s, false), new.id, new.failures, new.locked_until
"""

_FORGIVE = "DELETE FROM tenants_loginguard WHERE tenant_id = %(tenant)s AND id = %(id)s"

# Only what this attempt had added: one that failed beside it stays counted.
_GIVE_BACK = """
UPDATE tenants_loginguard
SET failures = failures - 1, locked_until = CASE WHEN failures - 1 < %(quota)s THEN NULL ELSE %(now)s END
WHERE tenant_id = %(tenant)s AND id = %(id)s AND failures > 0
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with a name and a place, the current attempt counted as a failure in advance.

    `is_refused`: it was locked already, and nothing was counted. `locked_until`: for whoever comes next.
    """

    is_refused: bool
    guard_id: UUID
    failures: int
    locked_until: datetime | None


def begin(
    *, username: str, digest: bytes, place: bytes, network: str | None, rule: Rule, now: datetime
) -> Standing:
    """Count an attempt under a name from a network in the current tenant."""
    values: dict[str, Any] = {
        "id": ids.uuid7(),
        "username": username,
        "digest": digest,
        "place": place,
        "elsewhere": ELSEWHERE,
        "network": network,
        "known_for": KNOWN_FOR,
        "quota": rule.quota,
        "window": rule.window,
        "memory": rule.memory,
        "shortest": rule.shortest,
        "longest": rule.longest,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, {**values, "tenant": require_tenant_id()})
        return Standing(*cursor.fetchone())


def forgive(*, guard_id: UUID) -> None:
    """Forget all failures of this name from this place."""
    _change(_FORGIVE, {"id": guard_id})


def give_back(*, guard_id: UUID, rule: Rule, now: datetime) -> None:
    """The attempt failed for a reason that is no guess: it counts for nothing."""
    _change(_GIVE_BACK, {"id": guard_id, "quota": rule.quota, "now": now})


def _change(statement: str, values: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, {**values, "tenant": require_tenant_id()})
