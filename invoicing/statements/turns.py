"""Taking turns where a rule is about rows that may not exist yet, so that there is none to lock."""

from uuid import UUID

from django.db import connection

_TAKE = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def take_turn(*, tenant_id: UUID, subject: str) -> None:
    """Wait until nobody else has this tenant's turn for `subject`, and keep it until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [f"{subject}:{tenant_id}"])
