"""Passwords of OpenLDAP: changed by the person (RFC 3062) under the rules of its policies."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from tenants.backends.base import PasswordInfo, PasswordUnchangeable, WeakPassword, WrongPassword
from tenants.backends.ldap.backend import LdapBackend
from tenants.models import Membership
from tests.tenants.ldap.configured import Configure, Configured
from tests.tenants.ldap.slapd import Slapd, policy

_JUST_NOW = datetime.now(UTC).strftime("%Y%m%d%H%M%SZ")
_NEW = "a much better battery"

CASES: list[tuple[str, Mapping[str, str], str, str, str]] = [
    ("to a good one", {}, "", _NEW, "changed"),
    ("to one in many alphabets", {}, "", "pässwörd 密码 🗝 long", "changed"),
    ("after a reset", {"pwdReset": "TRUE"}, "", _NEW, "changed"),
    (
        "by grace",
        {"pwdPolicySubentry": policy("graceful"), "pwdChangedTime": "20200101000000Z"},
        "",
        _NEW,
        "changed",
    ),
    ("with a wrong old one", {}, "wrong battery", _NEW, "wrong-password"),
    ("with an empty old one", {}, "-", _NEW, "wrong-password"),
    ("to one too short", {}, "", "short", "too-short"),
    ("to the same", {}, "", "{password}", "in-history"),
    ("to an empty one", {}, "", "", "too-short"),
    (
        "too early",
        {"pwdPolicySubentry": policy("slow"), "pwdChangedTime": _JUST_NOW},
        "",
        _NEW,
        "password-unchangeable",
    ),
    ("where people may not", {"pwdPolicySubentry": policy("fixed")}, "", _NEW, "password-unchangeable"),
    ("of a locked account", {"pwdAccountLockedTime": "000001010000Z"}, "", _NEW, "wrong-password"),
    (
        "that has expired for good",
        {"pwdPolicySubentry": policy("strict"), "pwdChangedTime": "20200101000000Z"},
        "",
        _NEW,
        "wrong-password",
    ),
]


@pytest.mark.parametrize(
    ("entry", "old", "new", "answer"), [row[1:] for row in CASES], ids=[row[0] for row in CASES]
)
def test_a_change_gets_the_stated_answer(
    entry: Mapping[str, str], old: str, new: str, answer: str, slapd: Slapd, configure: Configure
) -> None:
    ada = slapd.person()
    there = configure()
    member = there.member_for(ada)
    for name, value in entry.items():
        slapd.set(ada.dn, name, value)
    given = {"": ada.password, "-": ""}.get(old, old)
    wanted = new.replace("{password}", ada.password)
    assert outcome(there, member, given, wanted) == answer
    if answer == "changed":
        assert there.answer(ada.uid, wanted) == "in"
        assert there.answer(ada.uid, ada.password) == "refused"
    elif not entry:
        assert there.answer(ada.uid, ada.password) == "in"


def test_a_password_used_before_is_refused(slapd: Slapd, configure: Configure) -> None:
    ada = slapd.person()
    there = configure()
    member = there.member_for(ada)
    assert outcome(there, member, ada.password, _NEW) == "changed"
    assert outcome(there, member, _NEW, ada.password) == "in-history"
    assert there.answer(ada.uid, _NEW) == "in"


def test_whoever_the_directory_never_proved_has_no_password_there(slapd: Slapd, configure: Configure) -> None:
    there = configure()
    member = there.member_for(slapd.person())
    there.forget_identities()
    assert outcome(there, member, "whatever", _NEW) == "password-unchangeable"
    assert not info_of(there, member).can_change


def test_whoever_has_gone_from_the_directory_has_no_password_any_more(
    slapd: Slapd, configure: Configure
) -> None:
    ada = slapd.person()
    there = configure()
    member = there.member_for(ada)
    slapd.owner.delete_s(ada.dn)
    assert outcome(there, member, ada.password, _NEW) == "wrong-password"
    assert not info_of(there, member).can_change


def test_the_policy_of_an_entry_says_when_its_password_ends(slapd: Slapd, configure: Configure) -> None:
    ada = slapd.person(pwdPolicySubentry=policy("strict"), pwdChangedTime="20990101000000Z")
    there = configure()
    member = there.member_for(ada)
    info = info_of(there, member)
    assert info == PasswordInfo(
        can_change=True,
        expires_at=datetime(2099, 1, 2, tzinfo=UTC),
        must_change=False,
        policy={"min_length": 10},
    )


def test_the_policy_by_default_is_named_in_the_settings(slapd: Slapd, configure: Configure) -> None:
    ada = slapd.person()
    there = configure(password_policy=policy("default"))
    info = info_of(there, there.member_for(ada))
    assert info == PasswordInfo(can_change=True, policy={"min_length": 10, "history": 3})


def test_a_reset_password_must_be_changed(slapd: Slapd, configure: Configure) -> None:
    ada = slapd.person()
    there = configure()
    member = there.member_for(ada)
    slapd.set(ada.dn, "pwdReset", "TRUE")
    assert info_of(there, member).must_change


def outcome(there: Configured, member: Membership, old: str, new: str) -> str:
    """ "changed", or the code of the refusal; for a weak password that of its fault."""
    try:
        with there.inside():
            LdapBackend().change_password(user_id=member.user_id, old_password=old, new_password=new)
    except WeakPassword as error:
        return error.errors[0].code
    except (WrongPassword, PasswordUnchangeable) as error:
        return error.code
    return "changed"


def info_of(there: Configured, member: Membership) -> PasswordInfo:
    with there.inside():
        return LdapBackend().get_password_info(user_id=member.user_id)
