"""Who somebody whom a backend proved is here, and whether the directory still says so."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from django.db import IntegrityError

from tenants.backends.base import Backend, DirectoryUnavailable, Identity
from tenants.backends.registry import backends
from tenants.models import ExternalIdentity, Membership
from tenants.selectors import logins, members
from tenants.services import provisioning
from tenants.services.provisioning import Said
from tenants.statements.directories import Turn, TurnTimedOut, turn_of

# As long as a patient caller waits for another's question to the same directory about the same person.
PATIENCE_SECONDS: Final = 5.0
_TRIES: Final = 3


def member_for(*, identity: Identity, backend: str) -> Membership | None:
    """The active member behind a proved identity, in the current tenant's scope; None if there is none.

    Known people are found by (issuer, subject); their groups are followed at once. Others come in as the
    tenant's rules say (`services.provisioning.take_in`). Raises DirectoryUnavailable.
    """
    adapter = backends().get(backend)
    if not adapter.is_external:
        return members.membership_of_user(user_id=UUID(identity.subject))
    rules = logins.login_rules()
    for _ in range(_TRIES):
        known = logins.identity_of(issuer=identity.issuer, subject=identity.subject)
        if known is not None:
            said = Said(identity.groups, identity.renewal)
            with _turn(known):
                return provisioning.follow(identity_id=known.id, said=said, rules=rules, gives_back=True)
        try:
            return provisioning.take_in(
                identity=identity, backend=backend, rules=rules, may_link=adapter.names_are_assigned
            )
        except IntegrityError:
            # Two first logins at once: the other one has made the member, or taken the name.
            continue
    return None


def is_still_member(*, membership_id: UUID, backend: str) -> bool:
    """Ask the directory of an external backend about a member, and write down what it says.

    Of callers at the same time one asks, and the others take its answer if it was asked for after they
    came. Raises DirectoryUnavailable, ProofExpired; neither changes anything.
    """
    identity = logins.identities_of(membership_id=membership_id, backend=backend).first()
    if identity is None:
        return False
    with _turn(identity) as turn:
        # Read again: another caller may have asked, and may have been given another renewal.
        identity.refresh_from_db()
        if identity.checked_at >= turn.asked_at:
            return members.own_membership(membership_id=membership_id) is not None
        return _ask(backends().get(backend), identity, turn)


def _ask(adapter: Backend, identity: ExternalIdentity, turn: Turn) -> bool:
    standing = adapter.look_up(identity=identity)
    if standing is None or not standing.is_active:
        because = "directory-account-gone" if standing is None else "directory-account-disabled"
        provisioning.take_away(identity_id=identity.id, because=because, at=turn.began_at)
        return False
    said = Said(standing.groups, standing.renewal, asked_at=turn.began_at)
    kept = provisioning.follow(
        identity_id=identity.id, said=said, rules=logins.login_rules(), gives_back=False
    )
    return kept is not None


@contextmanager
def _turn(identity: ExternalIdentity) -> Iterator[Turn]:
    try:
        with turn_of(identity.id, patience=PATIENCE_SECONDS) as turn:
            yield turn
    except TurnTimedOut as error:
        raise DirectoryUnavailable from error
