"""Asking after somebody who was proved before: what a refresh and the daily re-check go by."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tenants.backends.base import DirectoryUnavailable, Identity
from tests.tenants.ldap.configured import Configure
from tests.tenants.ldap.slapd import CLOSED, PASSWORD, PEOPLE, SUFFIX, Person, Slapd, policy

Change = Callable[[Slapd, Person], object]


def nothing(slapd: Slapd, ada: Person) -> None:
    del slapd, ada


def deleted(slapd: Slapd, ada: Person) -> None:
    slapd.owner.delete_s(ada.dn)


def locked_for_ever(slapd: Slapd, ada: Person) -> None:
    slapd.set(ada.dn, "pwdAccountLockedTime", "000001010000Z")


def locked_for_a_while(slapd: Slapd, ada: Person) -> None:
    slapd.set(ada.dn, "pwdAccountLockedTime", "20260101000000Z")


def ended(slapd: Slapd, ada: Person) -> None:
    slapd.set(ada.dn, "pwdEndTime", "20200101000000Z")


def renamed(slapd: Slapd, ada: Person) -> None:
    slapd.owner.rename_s(ada.dn, f"uid=renamed-{ada.uid}")


def moved_within_the_base(slapd: Slapd, ada: Person) -> None:
    slapd.add(f"ou=away-{ada.uid},{PEOPLE}", {"objectClass": "organizationalUnit"})
    slapd.owner.rename_s(ada.dn, f"uid={ada.uid}", f"ou=away-{ada.uid},{PEOPLE}")


def moved_out_of_the_base(slapd: Slapd, ada: Person) -> None:
    slapd.owner.rename_s(ada.dn, f"uid={ada.uid}", f"ou=groups,{SUFFIX}")


def moved_where_the_reader_sees_nothing(slapd: Slapd, ada: Person) -> None:
    slapd.owner.rename_s(ada.dn, f"uid={ada.uid}", CLOSED)


def replaced_by_a_namesake(slapd: Slapd, ada: Person) -> None:
    slapd.owner.delete_s(ada.dn)
    slapd.person(uid=ada.uid)


def lost_the_class_that_the_filter_wants(slapd: Slapd, ada: Person) -> None:
    slapd.set(ada.dn, "title", "former engineer")


def password_reset(slapd: Slapd, ada: Person) -> None:
    slapd.set(ada.dn, "pwdReset", "TRUE")


def password_expired(slapd: Slapd, ada: Person) -> None:
    slapd.set(ada.dn, "pwdPolicySubentry", policy("strict"))
    slapd.set(ada.dn, "pwdChangedTime", "20200101000000Z")


CASES: list[tuple[Change, str]] = [
    (nothing, "active"),
    (deleted, "gone"),
    (locked_for_ever, "disabled"),
    # Wrong passwords, which anybody can type, must not log anybody out.
    (locked_for_a_while, "active"),
    (ended, "disabled"),
    (renamed, "active"),
    (moved_within_the_base, "active"),
    (moved_out_of_the_base, "gone"),
    (moved_where_the_reader_sees_nothing, "gone"),
    (replaced_by_a_namesake, "gone"),
    (lost_the_class_that_the_filter_wants, "gone"),
    (password_reset, "active"),
    (password_expired, "active"),
]


@pytest.mark.parametrize(("change", "answer"), CASES, ids=[change.__name__ for change, _ in CASES])
def test_the_directory_says_what_somebody_is_today(
    change: Change, answer: str, slapd: Slapd, configure: Configure
) -> None:
    ada = slapd.person(title="engineer")
    there = configure(user_filter="(&(objectClass=person)(title=engineer))")
    identity = there.as_person(ada)
    assert identity is not None
    change(slapd, ada)
    standing = there.look_up(identity)
    said = "gone" if standing is None else "active" if standing.is_active else "disabled"
    assert said == answer


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "*",
        "*)(uid=*",
        "not-a-uuid",
        "6f6ab4ba-0000-4000-8000-3b1f4de0a6b1",
        "00000000-0000-0000-0000-000000000000",
        "\\2a",
    ],
)
def test_a_subject_that_names_nobody_finds_nobody(subject: str, configure: Configure) -> None:
    there = configure()
    assert there.look_up(Identity("ldap:dc=example,dc=com", subject, "ada")) is None


def test_people_of_a_directory_that_the_tenant_has_left_are_gone(slapd: Slapd, configure: Configure) -> None:
    there = configure()
    identity = there.as_person(slapd.person())
    assert identity is not None
    assert there.look_up(replace(identity, issuer="ldap:dc=example,dc=org")) is None


def test_a_directory_that_is_down_says_nothing_about_anybody(slapd: Slapd, configure: Configure) -> None:
    identity = configure().as_person(slapd.person())
    assert identity is not None
    with pytest.raises(DirectoryUnavailable):
        configure(servers=["ldaps://127.0.0.1:1"]).look_up(identity)


def test_servers_and_bases_may_change_without_making_anybody_new(slapd: Slapd, configure: Configure) -> None:
    ada = slapd.person()
    before = configure().as_person(ada)
    after = configure(servers=[slapd.start_tls_url], user_base="DC=Example, DC=com").as_person(ada)
    assert before is not None
    assert after is not None
    assert (before.issuer, before.subject) == (after.issuer, after.subject)
    assert ada.password == PASSWORD
