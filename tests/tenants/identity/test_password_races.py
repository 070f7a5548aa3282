"""A password that changes at the very moment it is used."""

import pytest
from django.utils import timezone

from tenants.backends.base import WrongPassword
from tenants.backends.password import PasswordBackend
from tenants.domain.people import Client
from tenants.models import Membership, Session, Tenant, User
from tenants.services import sessions
from tests.factories import PASSWORD, make_member, scope_of
from tests.factories.threads import Crew


def proof_of(member: Membership) -> sessions.Proof:
    identity = PasswordBackend().authenticate(
        tenant=member.tenant, username=member.username, password=PASSWORD
    )
    assert identity is not None
    return sessions.Proof(identity.credential_set_at)


def test_a_password_that_changed_after_it_was_compared_opens_nothing(acme: Tenant) -> None:
    member = make_member(acme, password=PASSWORD)
    with scope_of(acme, member=member):
        proof = proof_of(member)
        User.objects.filter(id=member.user_id).update(password_changed_at=timezone.now())
        with pytest.raises(sessions.LoginRefused):
            sessions.open_session(membership_id=member.id, client=Client(), proof=proof)
        assert not Session.objects.exists()


def test_two_changes_at_once_are_one_change(acme: Tenant) -> None:
    member = make_member(acme, password=PASSWORD)

    def change(number: int) -> str:
        with scope_of(acme, member=member):
            try:
                PasswordBackend().change_password(
                    user_id=member.user_id, old_password=PASSWORD, new_password=f"another passphrase {number}"
                )
            except WrongPassword:
                return "refused"
        return "changed"

    with Crew(2) as crew:
        assert sorted(crew.all_do(change)) == ["changed", "refused"]
