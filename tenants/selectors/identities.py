"""Reading who a member is to the backends."""

from tenants.domain.logins import PASSWORD
from tenants.models import ExternalIdentity, Membership


def is_identity_of(*, member: Membership, issuer: str, subject: str) -> bool:
    """Whether a backend's (issuer, subject) is this member, and not somebody who bears the same name."""
    # Our own passwords name themselves as the issuer; their subjects are our own users.
    if issuer == PASSWORD:
        return subject == str(member.user_id)
    known = ExternalIdentity.objects.filter(membership_id=member.id, issuer=issuer, subject=subject)
    return bool(known.exists())
