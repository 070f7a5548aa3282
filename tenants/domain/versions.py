"""Version numbers for rows that have no counter: from the time of their last change."""

from datetime import datetime


def version_of_time(updated_at: datetime) -> int:
    """A number of at most ten digits that another change would not leave the same."""
    return int(updated_at.timestamp() * 1_000_000) % 10**10
