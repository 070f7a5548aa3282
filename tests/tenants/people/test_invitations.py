"""Invitations: a link by mail, good once, that gives nothing its author has lost."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test.utils import override_settings
from django.utils import timezone

from tenants.backends.base import Identity
from tenants.models import (
    ExternalIdentity,
    Invitation,
    LoginConfiguration,
    Membership,
    OutgoingMail,
    Tenant,
    User,
)
from tenants.services import members
from tenants.services.invitations import InvitationOver, digest_of
from tenants.transports.registry import transport
from tenants.workflows import invitations as workflows
from tenants.workflows.mail import deliver
from tests.factories import PASSWORD, ApiClient, client_of, make_member, scope_of, unique
from tests.factories.people import make_invitation, make_role, token_of
from tests.factories.threads import Crew
from tests.tenants.people.conftest import Known
from tests.tenants.people.trail import written_about


def body_of(token: str, **changes: Any) -> dict[str, Any]:
    return {"token": token, "name": "Grace", "username": "grace", "password": PASSWORD, **changes}


def accept(token: str, version: str = "v2", **changes: Any) -> Any:
    return ApiClient().post(f"/api/{version}/invitations/accept", body_of(token, **changes))


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_who_is_invited_becomes_a_member_and_logs_in(
    acme: Tenant, acme_client: ApiClient, version: str
) -> None:
    invited = {"email": "grace@Example.COM", "role": "editor"}
    answer = acme_client.post(f"/api/{version}/invitations", invited)
    assert answer.status_code == 201
    shown = answer.json()["data"] if version == "v1" else answer.json()
    assert (shown["email"], shown["state"]) == ("grace@example.com", "open")
    with scope_of(acme):
        token = token_of(acme, Invitation.objects.get())
    accepted = accept(token, version)
    assert accepted.status_code == 201
    where = accepted.json()["data"] if version == "v1" else accepted.json()
    assert (where["tenant"]["slug"], where["username"], where["role"]) == (acme.slug, "grace", "editor")
    with scope_of(acme):
        member = Membership.objects.select_related("user", "tenant").get(username="grace")
    assert (member.user.name, member.user.email) == ("Grace", "grace@example.com")
    assert ApiClient().log_in(member).get("/api/v2/auth/me").json()["role"] == "editor"


def test_the_token_is_in_the_mail_and_after_it_has_left_nowhere(acme: Tenant, mails: Path) -> None:
    invitation = make_invitation(acme)
    token = token_of(acme, invitation)
    with scope_of(acme):
        sent = OutgoingMail.objects.get()
        assert bytes(Invitation.objects.get().digest) == digest_of(token)
        deliver(mail_id=sent.id)
        assert OutgoingMail.objects.get().text_body == ""
    (path,) = mails.glob("*.eml")
    assert token in path.read_text(encoding="utf-8").replace("=\n", "").replace("=3D", "=")
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT m::text FROM tenants_outgoingmail m WHERE tenant_id = %s", [acme.id])
        assert token not in cursor.fetchone()[0]
    assert token not in written_about(acme)
    assert digest_of(token).hex() not in written_about(acme)


@pytest.fixture
def mails(tmp_path: Path) -> Iterator[Path]:
    with override_settings(MAIL_TRANSPORT="file", MAIL_DIRECTORY=tmp_path / "mail"):
        transport.cache_clear()
        yield tmp_path / "mail"
    transport.cache_clear()


@dataclass
class Case:
    """An invitation and the token of its link."""

    tenant: Tenant
    invitation: Invitation

    def __post_init__(self) -> None:
        self.token = token_of(self.tenant, self.invitation)


def used(case: Case) -> None:
    assert accept(case.token, username=unique("first")).status_code == 201


def revoked(case: Case) -> None:
    client = client_of(make_member(case.tenant, role="admin"))
    assert client.delete(f"/api/v2/invitations/{case.invitation.public_id}").status_code == 204


def over(case: Case) -> None:
    with scope_of(case.tenant):
        Invitation.objects.filter(id=case.invitation.id).update(expires_at=timezone.now())


def sent_again(case: Case) -> None:
    client = client_of(make_member(case.tenant, role="admin"))
    assert client.post(f"/api/v2/invitations/{case.invitation.public_id}/send-again").status_code == 200


def author_removed(case: Case) -> None:
    make_member(case.tenant, role="admin")
    with scope_of(case.tenant):
        members.deactivate_member(membership_id=case.invitation.invited_by_id)


def author_demoted(case: Case) -> None:
    make_member(case.tenant, role="admin")
    with scope_of(case.tenant):
        members.change_role(membership_id=case.invitation.invited_by_id, role="editor")


def author_narrowed(case: Case) -> None:
    make_member(case.tenant, role="admin")
    role = make_role(case.tenant, "members.manage")
    with scope_of(case.tenant):
        members.change_role(membership_id=case.invitation.invited_by_id, role=role.name)


def tenant_gone(case: Case) -> None:
    with scope_of(case.tenant):
        Tenant.objects.filter(id=case.tenant.id).update(is_active=False)


@pytest.mark.parametrize(
    "becomes",
    [used, revoked, over, sent_again, author_removed, author_demoted, author_narrowed, tenant_gone],
)
def test_a_link_that_is_good_for_nothing_reads_like_one_that_never_was(acme: Tenant, becomes: Any) -> None:
    case = Case(acme, make_invitation(acme, role="editor"))
    becomes(case)
    answer, unknown = accept(case.token), accept("qi_" + "a" * 52)
    assert answer.status_code == unknown.status_code == 404
    assert answer.json() == unknown.json()
    with scope_of(acme):
        assert not Membership.objects.filter(username="grace").exists()


def test_the_new_link_works_after_it_was_sent_again(acme: Tenant) -> None:
    case = Case(acme, make_invitation(acme))
    sent_again(case)
    assert accept(token_of(acme, case.invitation)).status_code == 201


def test_of_many_who_accept_at_once_one_becomes_a_member(acme: Tenant) -> None:
    token = token_of(acme, make_invitation(acme))
    with Crew(6) as crew:

        def join(number: int) -> int:
            member = make_member(acme, role="viewer", username=f"outsider-{number}")
            with scope_of(acme, member=member):
                try:
                    workflows.accept_identity(token=token, identity=identity(f"person-{number}"))
                except InvitationOver:
                    return 404
            return 201

        statuses = crew.all_do(join)
    assert sorted(statuses) == [201] + [404] * 5
    with scope_of(acme):
        assert Membership.objects.filter(username__startswith="person-").count() == 1


def identity(name: str) -> Identity:
    return Identity(
        issuer="ldaps://ldap.example", subject=name, username=name, groups=frozenset({"cn=staff"})
    )


def test_whom_the_directory_proved_is_linked_to_the_membership(acme: Tenant) -> None:
    token = token_of(acme, make_invitation(acme, role="editor"))
    with scope_of(acme):
        accepted = workflows.accept_identity(token=token, identity=identity("grace"))
        link = ExternalIdentity.objects.get(membership_id=accepted.member.id)
    assert (link.issuer, link.subject, link.groups) == ("ldaps://ldap.example", "grace", ["cn=staff"])


@pytest.mark.parametrize(
    ("changes", "status", "pointer"),
    [
        ({"password": "short"}, 400, "/password"),
        ({"password": "aaaaaaaaaaaaaaaa"}, 400, "/password"),
        ({"password": "grace and more words"}, 400, "/password"),
        ({"name": "  "}, 400, "/name"),
        ({"username": ""}, 400, "/username"),
        ({"role": "admin"}, 400, "/role"),
        ({"username": "taken"}, 409, "/username"),
    ],
)
def test_a_bad_acceptance_is_refused_and_the_link_stays_good(
    acme: Tenant, changes: dict[str, Any], status: int, pointer: str
) -> None:
    make_member(acme, username="taken")
    token = token_of(acme, make_invitation(acme))
    answer = accept(token, **changes)
    assert answer.status_code == status, answer.content
    assert {fault["pointer"] for fault in answer.json()["errors"]} == {pointer}
    with scope_of(acme):
        assert not User.objects.filter(name="Grace").exists()
    assert accept(token).status_code == 201


def test_nobody_is_recognised_by_an_e_mail_address(acme: Tenant, globex: Tenant, known: Known) -> None:
    person = known(globex, email="grace@example.com", name="Grace")
    token = token_of(acme, make_invitation(acme, email="grace@example.com"))
    assert accept(token).status_code == 201
    with scope_of(acme):
        assert Membership.objects.get(username="grace").user_id != person.user_id


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_person_who_exists_joins_by_being_logged_in(acme: Tenant, globex: Tenant, version: str) -> None:
    known = make_member(globex, name="Grace")
    token = token_of(acme, make_invitation(acme, role="editor"))
    body = {"token": token, "username": "grace"}
    assert ApiClient().post(f"/api/{version}/invitations/join", body).status_code == 401
    client = client_of(known)
    assert client.post(f"/api/{version}/invitations/join", body).status_code == 201
    switched = client.post("/api/v2/auth/switch-tenant", {"tenant": acme.slug})
    assert (switched.status_code, switched.json()["role"]) == (200, "editor")
    with scope_of(acme):
        assert Membership.objects.get(username="grace").user_id == known.user_id


def test_nobody_becomes_a_member_twice(acme: Tenant) -> None:
    member = make_member(acme)
    token = token_of(acme, make_invitation(acme))
    answer = client_of(member).post("/api/v2/invitations/join", {"token": token, "username": "again"})
    assert (answer.status_code, answer.json()["code"]) == (409, "username-taken")
    assert accept(token).status_code == 201


def test_the_policy_of_the_tenant_decides_about_the_password(acme: Tenant) -> None:
    with scope_of(acme):
        LoginConfiguration.objects.create(tenant_id=acme.id, password_min_length=40)
    token = token_of(acme, make_invitation(acme))
    answer = accept(token)
    assert [fault["code"] for fault in answer.json()["errors"]] == ["too-short"]
    assert accept(token, password=f"{PASSWORD} and a few words more").status_code == 201


def test_an_address_is_invited_once_at_a_time(acme: Tenant, acme_client: ApiClient) -> None:
    invitation = make_invitation(acme, email="grace@example.com")
    body = {"email": "grace@EXAMPLE.com", "role": "viewer"}
    answer = acme_client.post("/api/v2/invitations", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "already-invited")
    revoked(Case(acme, invitation))
    assert acme_client.post("/api/v2/invitations", body).status_code == 201


@pytest.mark.parametrize(
    "email", ["", "grace", "a@b@c.example", "x@y.example\nBcc: all@z.example", "<x@y.example>"]
)
def test_an_address_is_one(acme: Tenant, acme_client: ApiClient, email: str) -> None:
    answer = acme_client.post("/api/v2/invitations", {"email": email, "role": "viewer"})
    assert answer.status_code == 400
    with scope_of(acme):
        assert not OutgoingMail.objects.exists()


def test_what_is_closed_is_not_sent_again(acme: Tenant, acme_client: ApiClient) -> None:
    invitation = make_invitation(acme)
    path = f"/api/v2/invitations/{invitation.public_id}"
    assert accept(token_of(acme, invitation)).status_code == 201
    assert acme_client.post(f"{path}/send-again").status_code == 409
    assert acme_client.delete(path).status_code == 409
    assert acme_client.get(path).json()["state"] == "accepted"


def test_the_list_tells_what_became_of_each(acme: Tenant, acme_client: ApiClient) -> None:
    states = {"open": None, "revoked": revoked, "expired": over, "accepted": used}
    for becomes in states.values():
        invitation = make_invitation(acme)
        if becomes is not None:
            becomes(Case(acme, invitation))
    for state in states:
        rows = acme_client.get(f"/api/v2/invitations?state={state}").json()["data"]
        assert [row["state"] for row in rows] == [state]
    assert acme_client.get("/api/v1/invitations").json()["data"]["total"] == 4
    assert acme_client.get("/api/v2/invitations?state=lost").status_code == 400


def test_a_link_lasts_a_week(acme: Tenant) -> None:
    week = make_invitation(acme).expires_at - timezone.now()
    assert timedelta(days=6, hours=23) < week <= timedelta(days=7)
