"""Who comes in: names, passwords and states of accounts, each with the stated answer."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest

from tests.tenants.ldap.configured import Configure
from tests.tenants.ldap.slapd import CLOSED, PASSWORD, PEOPLE, SUFFIX, Slapd, policy
from tests.tenants.ldap.wire import Script, wire

_FOR_EVER = "000001010000Z"
_LONG_AGO = "20200101000000Z"
_FAR_AHEAD = "20991231000000Z"
_BY_GRACE = {"pwdPolicySubentry": policy("graceful"), "pwdChangedTime": _LONG_AGO}


@dataclass(frozen=True)
class Case:
    """Somebody is in the directory with these attributes and tries this name and password."""

    title: str
    answer: str
    username: str | Callable[[str], str] = "{uid}"
    password: str = PASSWORD
    entry: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.title

    def name(self, uid: str) -> str:
        """What is typed for a name."""
        return self.username.replace("{uid}", uid) if isinstance(self.username, str) else self.username(uid)


NAMES = [
    Case("name and password", "in"),
    Case("name in capitals", "in", username=str.upper),
    Case("name with blanks around it", "in", username="  {uid} "),
    Case(
        "name in full-width letters, which the directory takes for the same",
        "in",
        username=lambda uid: uid.replace("a", "ａ"),
    ),
    Case("nobody's name", "refused", username="{uid}x"),
    Case("no name", "refused", username=""),
    Case("blanks for a name", "refused", username="   "),
    Case("a name of 151 letters", "refused", username="a" * 151),
    Case("a name of a million letters", "refused", username="a" * 1_000_000),
    Case("a star", "refused", username="*"),
    Case("a star at the end", "refused", username=lambda uid: f"{uid[:-2]}*"),
    Case("a filter that is always true", "refused", username="*)(uid=*"),
    Case("a filter with an alternative", "refused", username="{uid})(|(uid=*"),
    Case("a filter that comments the rest out", "refused", username="{uid})(&))"),
    Case("parentheses", "refused", username="()"),
    Case("a backslash", "refused", username="{uid}\\"),
    Case("an escaped star", "refused", username="\\2a"),
    Case("a zero byte after the name", "refused", username="{uid}\0"),
    Case("a percent sign, django-auth-ldap's placeholder", "refused", username="%(user)s"),
    Case("a DN", "refused", username=lambda uid: f"uid={uid},{PEOPLE}"),
    Case("the e-mail address", "refused", username="ada@example.com"),
    Case("a line break and more LDIF", "refused", username=lambda uid: f"{uid}\ndn: {SUFFIX}"),
    Case("a right-to-left override", "refused", username="\u202e{uid}"),
    Case(
        "umlauts composed, stored decomposed",
        "in",
        username=lambda uid: unicodedata.normalize("NFC", uid),
        entry={"uid": unicodedata.normalize("NFD", "jürgen-çelik")},
    ),
    Case(
        "umlauts decomposed, stored composed",
        "in",
        username=lambda uid: unicodedata.normalize("NFD", uid),
        entry={"uid": "jørgen-åström-é"},
    ),
    Case("a Greek name in capitals", "in", username=str.upper, entry={"uid": "αλεξανδρα"}),
    Case("a Chinese name", "in", entry={"uid": "李小龙"}),
    Case("a dotted capital I in the DN", "in", entry={"uid": "İbrahim"}),
    Case("a comma and a plus in the name", "in", entry={"uid": "lovelace, ada + co"}),
    Case("parentheses and stars in the name", "in", entry={"uid": "ada (*) lovelace"}),
    Case("a percent sign in the name", "in", entry={"uid": "100% ada"}),
    Case("a name of 150 letters", "in", entry={"uid": "b" * 150}),
    Case("a full name of 5,000 letters", "in", entry={"cn": "Ada " * 1_250 + "Ada"}),
    Case(
        "another attribute for names",
        "in",
        username="ada.by.mail@example.com",
        entry={"mail": "ada.by.mail@example.com"},
        settings={"login_attribute": "mail"},
    ),
    Case("a filter that leaves the person out", "refused", settings={"user_filter": "(title=engineer)"}),
    Case(
        "a filter that takes the person in",
        "in",
        entry={"title": "engineer"},
        settings={"user_filter": "(&(objectClass=person)(title=engineer))"},
    ),
    Case("a name outside the base", "refused", settings={"user_base": f"ou=groups,{SUFFIX}"}),
    Case(
        "an entry that is no person",
        "refused",
        username="reader",
        settings={"user_base": SUFFIX, "login_attribute": "cn"},
    ),
]

PASSWORDS = [
    Case("wrong password", "refused", password="wrong battery staple"),
    Case("empty password, which slapd takes for anonymous", "refused", password=""),
    Case("a blank for a password", "refused", password=" "),
    Case("a zero byte for a password", "refused", password="\0"),
    Case("password in capitals", "refused", password=PASSWORD.upper()),
    Case("password with a blank after it", "refused", password=f"{PASSWORD} "),
    Case("password with a zero byte after it", "refused", password=f"{PASSWORD}\0"),
    Case("a password of 1,025 letters", "refused", password="p" * 1_025),
    Case("a password of 1,024 letters", "in", password="p" * 1_024, entry={"userPassword": "p" * 1_024}),
    Case(
        "a password in many alphabets",
        "in",
        password="pässwörd 密码 🗝",
        entry={"userPassword": "pässwörd 密码 🗝"},
    ),
    Case("the stored hash instead of the password", "refused", password="{SSHA}abcdefgh"),
    Case("somebody without a password", "refused", entry={"userPassword": ""}),
]

ACCOUNTS = [
    Case("locked by an administrator", "refused", entry={"pwdAccountLockedTime": _FOR_EVER}),
    Case(
        "locked, and a wrong password", "refused", password="wrong", entry={"pwdAccountLockedTime": _FOR_EVER}
    ),
    Case("account has ended", "refused", entry={"pwdEndTime": _LONG_AGO}),
    Case("account ends one day", "in", entry={"pwdEndTime": _FAR_AHEAD}),
    Case("account begins one day", "refused", entry={"pwdStartTime": _FAR_AHEAD}),
    Case("account has begun", "in", entry={"pwdStartTime": _LONG_AGO}),
    Case(
        "shadow account has expired",
        "refused",
        entry={"objectClass": "shadowAccount", "shadowExpire": "10000"},
    ),
    Case("shadow account never expires", "in", entry={"objectClass": "shadowAccount", "shadowExpire": "-1"}),
    Case("password was reset", "must change", entry={"pwdReset": "TRUE"}),
    Case("password was reset, and a wrong one", "refused", password="wrong", entry={"pwdReset": "TRUE"}),
    Case(
        "password has expired",
        "refused",
        entry={"pwdPolicySubentry": policy("strict"), "pwdChangedTime": _LONG_AGO},
    ),
    Case("password has expired, grace logins are left", "must change", entry=_BY_GRACE),
    Case("password expired, grace, and a wrong one", "refused", password="wrong", entry=_BY_GRACE),
    Case("password is still young", "in", entry={"pwdPolicySubentry": policy("strict")}),
]


@pytest.mark.parametrize("case", [*NAMES, *PASSWORDS, *ACCOUNTS], ids=str)
def test_a_login_gets_the_stated_answer(case: Case, slapd: Slapd, configure: Configure) -> None:
    entry = dict(case.entry)
    if entry.get("userPassword") == "":
        person = slapd.person(**entry | {"userPassword": "removed at once"})
        slapd.set(person.dn, "userPassword")
    else:
        classes = [entry.pop("objectClass")] if "objectClass" in entry else []
        person = slapd.person(classes=classes, **entry)
    there = configure(**case.settings)
    assert there.answer(case.name(person.uid), case.password) == case.answer


def test_grace_logins_end(slapd: Slapd, configure: Configure) -> None:
    ada = slapd.person(pwdPolicySubentry=policy("graceful"), pwdChangedTime=_LONG_AGO)
    there = configure()
    answers = [there.answer(ada.uid, ada.password) for _ in range(4)]
    assert answers == ["must change", "must change", "must change", "refused"]


def test_wrong_passwords_lock_an_account_in_the_directory(slapd: Slapd, configure: Configure) -> None:
    ada = slapd.person(pwdPolicySubentry=policy("locking"))
    there = configure()
    assert [there.answer(ada.uid, "wrong") for _ in range(2)] == ["refused", "refused"]
    assert there.answer(ada.uid, ada.password) == "refused"


def test_any_spelling_of_a_name_is_the_same_person(slapd: Slapd, configure: Configure) -> None:
    ada = slapd.person()
    there = configure()
    found = {there.log_in(name, ada.password) for name in (ada.uid, ada.uid.upper(), f" {ada.uid.title()}")}
    assert len(found) == 1
    identity = found.pop()
    assert identity is not None
    assert identity.username == ada.uid


def test_a_name_that_two_entries_share_is_nobodys(slapd: Slapd, configure: Configure) -> None:
    ada = slapd.person()
    slapd.add(f"ou=branch-{ada.uid},{PEOPLE}", {"objectClass": "organizationalUnit"})
    slapd.person(uid=ada.uid, below=f"ou=branch-{ada.uid},{PEOPLE}")
    assert configure().answer(ada.uid, ada.password) == "refused"


def test_a_renamed_and_moved_person_stays_the_same(slapd: Slapd, configure: Configure) -> None:
    ada = slapd.person()
    there = configure()
    before = there.as_person(ada)
    slapd.add(f"ou=moved-{ada.uid},{PEOPLE}", {"objectClass": "organizationalUnit"})
    slapd.owner.rename_s(ada.dn, f"uid={ada.uid}-byron", f"ou=moved-{ada.uid},{PEOPLE}")
    after = there.log_in(f"{ada.uid}-byron", ada.password)
    assert before is not None
    assert after is not None
    assert (before.issuer, before.subject) == (after.issuer, after.subject)
    assert after.username == f"{ada.uid}-byron"


def test_somebody_new_under_an_old_name_is_somebody_else(slapd: Slapd, configure: Configure) -> None:
    first = slapd.person()
    there = configure()
    before = there.as_person(first)
    slapd.owner.delete_s(first.dn)
    second = slapd.person(uid=first.uid)
    after = there.as_person(second)
    assert before is not None
    assert after is not None
    assert before.subject != after.subject


def test_an_address_is_no_part_of_an_identity(slapd: Slapd, configure: Configure) -> None:
    one, other = slapd.person(mail="same@example.com"), slapd.person(mail="same@example.com")
    there = configure()
    found = [there.as_person(person) for person in (one, other)]
    assert len({identity.subject for identity in found if identity is not None}) == 2
    assert all(identity is None or "@" not in identity.issuer + identity.subject for identity in found)


def test_what_may_not_be_in_a_name_is_left_out(slapd: Slapd, configure: Configure) -> None:
    ada = slapd.person(cn="Ada\u202e \u200bLovelace\u0007", mail="not an address")
    identity = configure().as_person(ada)
    assert identity is not None
    assert (identity.name, identity.email) == ("Ada Lovelace", "")


def test_an_entry_elsewhere_is_not_followed(slapd: Slapd, configure: Configure) -> None:
    base = f"ou=elsewhere,{PEOPLE}"
    reference = {"objectClass": ["referral", "extensibleObject"], "ou": "elsewhere"}
    ada = slapd.person()
    with wire(slapd.files, Script(), is_plain=True) as elsewhere:
        slapd.add(base, reference | {"ref": f"ldap://127.0.0.1:{elsewhere.port}/ou=people,{SUFFIX}"})
        assert configure().answer(ada.uid, ada.password) == "in"
        assert configure().answer("somebody-elsewhere", "password") == "refused"
        # A base that is elsewhere as a whole: there is nobody to ask.
        assert configure(user_base=base).answer(ada.uid, ada.password) == "unavailable"
        assert not elsewhere.requests


def test_an_alias_is_not_followed(slapd: Slapd, configure: Configure) -> None:
    hidden = slapd.person(below=CLOSED)
    slapd.add(
        f"uid=alias-{hidden.uid},{PEOPLE}",
        {"objectClass": ["alias", "extensibleObject"], "aliasedObjectName": hidden.dn},
    )
    assert configure().answer(f"alias-{hidden.uid}", hidden.password) == "refused"
    assert configure().answer(hidden.uid, hidden.password) == "refused"
