"""Whether a database answers."""

from django.db import DatabaseError, connections


def answers(alias: str) -> bool:
    """One round trip; a connection that fails is closed, so that the next call tries a new one."""
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        connections[alias].close()
        return False
    return True
