"""Reading who a member is to the backends."""

from tenants.models import ExternalIdentity, Membership

# The issuer of our own passwords, whose subjects are our own users.
OURS = "password"


def is_identity_of(*, member: Membership, issuer: str, subject: str) -> bool:
    """Whether a backend's (issuer, subject) is this member, and not somebody who bears the same name."""
    if issuer == OURS:
        return subject == str(member.user_id)
    known = ExternalIdentity.objects.filter(membership_id=member.id, issuer=issuer, subject=subject)
    return bool(known.exists())
