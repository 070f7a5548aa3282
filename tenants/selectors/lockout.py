"""Reading which names are locked."""

from datetime import datetime

from django.utils import timezone

from tenants.domain.lockout import digest_of_name
from tenants.models import LoginGuard


def locked_until(*, slug: str, username: str) -> datetime | None:
    """Until when logins under this name are refused, where they are so for longest; None if nowhere."""
    found: datetime | None = (
        LoginGuard.objects.filter(
            username_digest=digest_of_name(slug, username), locked_until__gt=timezone.now()
        )
        .order_by("-locked_until", "id")
        .values_list("locked_until", flat=True)
        .first()
    )
    return found
