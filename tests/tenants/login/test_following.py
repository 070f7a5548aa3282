"""A directory that changes its mind is noticed at the next refresh."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tenants.models import ExternalIdentity, Membership, Session, Tenant
from tenants.services import members, provisioning
from tenants.services.rights import LastAdministrator
from tenants.workflows.provisioning import is_still_member
from tests.factories import ApiClient, client_of, make_member, scope_of
from tests.factories.directories import Entry, PaperDirectory
from tests.factories.threads import Crew
from tests.tenants.login.asking import code, events_of, inside, log_in, member_of, refresh

Change = Callable[[PaperDirectory, Entry], None]


def struck_out(paper: PaperDirectory, entry: Entry) -> None:
    paper.fire(entry)


def disabled(paper: PaperDirectory, entry: Entry) -> None:
    del paper
    entry.is_active = False


def left_the_last_group(paper: PaperDirectory, entry: Entry) -> None:
    del paper
    entry.groups = {"visitors"}


LOSSES = [
    (struck_out, "directory-account-gone"),
    (disabled, "directory-account-disabled"),
    (left_the_last_group, "directory-group-lost"),
]


def demoted(paper: PaperDirectory, entry: Entry) -> None:
    del paper
    entry.groups = {"staff"}


@pytest.mark.parametrize("change", [struck_out, disabled, left_the_last_group, demoted])
def test_the_last_administrator_goes_as_well_and_it_is_written_down(
    company: Tenant, paper: PaperDirectory, change: Change
) -> None:
    first, last = paper.hire(groups={"boss"}), paper.hire(groups={"boss"})
    inside(company, first)
    client = inside(company, last)
    paper.fire(first)
    assert log_in(company, first.username).status_code == 401
    with scope_of(company):
        identity = ExternalIdentity.objects.get(subject=first.subject)
    with scope_of(company):
        assert not is_still_member(membership_id=identity.membership_id, backend=paper.name)
    assert events_of(company, "administration.lost") == []
    change(paper, last)
    refresh(client)
    username = member_of(company, last).username
    assert events_of(company, "administration.lost") == [("administration.lost", {"username": username})]


def test_a_removal_waits_for_what_the_directory_is_just_taking(
    company: Tenant, paper: PaperDirectory
) -> None:
    """Two administrators: the directory takes one, the other is removed here. One of both has to stay."""
    ada, bob = paper.hire(groups={"boss"}), make_member(company, role="admin")
    inside(company, ada)
    paper.fire(ada)
    taken, may_commit = threading.Event(), threading.Event()

    def take() -> None:
        with scope_of(company), transaction.atomic():
            identity_id = ExternalIdentity.objects.get(subject=ada.subject).id
            provisioning.take_away(
                identity_id=identity_id, because="directory-account-gone", at=timezone.now()
            )
            taken.set()
            may_commit.wait(30)
        connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        taking = pool.submit(take)
        assert taken.wait(30)
        with scope_of(company), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '100ms'")
            with pytest.raises(OperationalError), transaction.atomic():
                members.deactivate_member(membership_id=bob.id)
        may_commit.set()
        taking.result()
    with scope_of(company), pytest.raises(LastAdministrator):
        members.deactivate_member(membership_id=bob.id)


@pytest.mark.parametrize(("change", "because"), LOSSES, ids=[each.__name__ for each, _ in LOSSES])
def test_who_is_lost_is_refused_at_once_everywhere(
    company: Tenant, paper: PaperDirectory, change: Change, because: str
) -> None:
    ada = paper.hire(groups={"staff"})
    client, other = inside(company, ada), inside(company, ada)
    change(paper, ada)
    assert code(refresh(client)) == (401, "refresh-refused")
    assert client.get("/api/v2/auth/me").status_code == 403
    assert code(refresh(other)) == (401, "refresh-refused")
    member = member_of(company, ada)
    assert not member.is_active
    with scope_of(company):
        ended = Session.objects.filter(membership_id=member.id).values_list("revoked_because", flat=True)
        assert set(ended) == {because}
    assert events_of(company, "membership.lost") == [
        ("membership.lost", {"username": member.username, "because": because})
    ]
    assert log_in(company, ada.username).status_code == 401


def test_the_last_administrator_is_lost_as_well(company: Tenant, paper: PaperDirectory) -> None:
    boss = paper.hire(groups={"boss"})
    client = inside(company, boss)
    boss.is_active = False
    assert refresh(client).status_code == 401
    assert not member_of(company, boss).is_active


def test_what_the_directory_took_it_gives_back_at_the_next_login(
    company: Tenant, paper: PaperDirectory
) -> None:
    ada = paper.hire(groups={"staff"})
    client = inside(company, ada)
    ada.is_active = False
    assert refresh(client).status_code == 401
    ada.is_active = True
    assert code(refresh(client)) == (401, "refresh-refused")
    again = inside(company, ada)
    assert again.get("/api/v2/auth/me").status_code == 200
    assert [name for name, _ in events_of(company, "membership.lost", "membership.returned")] == [
        "membership.lost",
        "membership.returned",
    ]


def test_a_new_group_is_a_new_role_at_the_next_refresh(company: Tenant, paper: PaperDirectory) -> None:
    ada = paper.hire(groups={"staff"})
    client = inside(company, ada)
    ada.groups = {"boss"}
    assert refresh(client).json()["role"] == "admin"
    ((_, data),) = events_of(company, "role.changed")
    assert (data["before"], data["after"]) == ("editor", "admin")


def test_without_a_mapping_roles_stay_as_they_were_given(on_paper: Any, paper: PaperDirectory) -> None:
    tenant = on_paper(provisions=True, default_role="viewer")
    ada = paper.hire(groups={"boss"})
    client = inside(tenant, ada)
    with scope_of(tenant):
        Membership.objects.filter(id=member_of(tenant, ada).id).update(role="editor")
    ada.groups = set()
    assert refresh(client).json()["role"] == "editor"


def test_a_directory_that_is_down_leaves_the_session_as_it_is(company: Tenant, paper: PaperDirectory) -> None:
    client = inside(company, paper.hire(groups={"staff"}))
    with paper.down():
        answer = refresh(client)
        assert code(answer) == (503, "directory-unavailable")
        assert answer.headers["Retry-After"] == "9"
        assert client.get("/api/v2/auth/me").status_code == 200
    assert refresh(client).status_code == 200


def test_where_the_directory_wants_the_person_only_the_session_ends(
    company: Tenant, paper: PaperDirectory
) -> None:
    ada = paper.hire(groups={"staff"})
    client = inside(company, ada)
    paper.wants_the_person = True
    assert code(refresh(client)) == (401, "proof-expired")
    assert code(refresh(client)) == (401, "refresh-refused")
    assert inside(company, ada).get("/api/v2/auth/me").status_code == 200


def test_a_spent_or_foreign_token_does_not_reach_the_directory(
    company: Tenant, paper: PaperDirectory
) -> None:
    client = inside(company, paper.hire(groups={"staff"}))
    spent = client.refresh
    refresh(client)
    asked = paper.look_ups()
    assert code(refresh(ApiClient(), spent)) == (401, "refresh-reused")
    assert paper.look_ups() == asked


def somebody_waits() -> bool:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        waiting: int = cursor.fetchone()[0]
    return waiting > 0


def test_callers_at_once_ask_one_after_the_other_and_share_an_answer(
    company: Tenant, paper: PaperDirectory
) -> None:
    client = inside(company, paper.hire(groups={"staff"}))
    inside_at_once, most, lock = 0, 0, threading.Lock()
    everybody = threading.Barrier(8)

    def linger() -> None:
        nonlocal inside_at_once, most
        with lock:
            inside_at_once += 1
            most = max(most, inside_at_once)
        # Long enough for somebody else to come to the door.
        any(somebody_waits() for _ in range(500))
        with lock:
            inside_at_once -= 1

    paper.before_answering = linger
    callers = [ApiClient(REMOTE_ADDR=client.defaults["REMOTE_ADDR"]) for _ in range(8)]

    def call(number: int) -> int:
        everybody.wait(10)
        return int(refresh(callers[number], client.refresh).status_code)

    with Crew(8) as crew:
        statuses = crew.all_do(call)
    assert set(statuses) == {200}
    assert most == 1
    assert paper.look_ups() < 8


def test_members_with_our_passwords_cost_a_refresh_no_statement_more(acme: Tenant) -> None:
    client = client_of(make_member(acme))
    refresh(client)
    with CaptureQueriesContext(connection) as captured:
        assert refresh(client).status_code == 200
    assert len(captured.captured_queries) == 2
