"""Oracle Internet Directory: its attributes in slapd, and its answers on the wire.

No server of Oracle's took part: what is shown is that we read its documented attributes and numbers.
"""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from tenants.domain.group_names import normalised
from tenants.models import Membership
from tests.tenants.ldap.configured import Configure, Configured
from tests.tenants.ldap.slapd import GROUPS, PEOPLE, Person, Slapd, policy
from tests.tenants.ldap.test_password_changes import info_of, outcome
from tests.tenants.ldap.wire import (
    CONSTRAINT,
    INSUFFICIENT_ACCESS,
    INVALID_CREDENTIALS,
    SUCCESS,
    UNWILLING,
    Answer,
    Found,
    Script,
    Wire,
    wire,
)

_GUID = "F1B2C3D4E5F60718293A4B5C6D7E8F90"
_NEW = "another password 2026"
_DN = f"cn=ada,{PEOPLE}"
_PAST, _FUTURE = "20200101000000Z", "20990101000000Z"


def oid_person(slapd: Slapd, **more: str) -> Person:
    return slapd.person(classes=["orclUserV2"], **{"orclGUID": uuid.uuid4().hex.upper(), **more})


ACCOUNTS: list[tuple[str, Mapping[str, str], str]] = [
    ("without orclIsEnabled", {}, "in"),
    ("enabled", {"orclIsEnabled": "ENABLED"}, "in"),
    ("disabled", {"orclIsEnabled": "DISABLED"}, "refused"),
    ("disabled in small letters", {"orclIsEnabled": "disabled"}, "refused"),
    ("not yet active", {"orclActiveStartDate": _FUTURE}, "refused"),
    ("active since", {"orclActiveStartDate": _PAST}, "in"),
    ("no longer active", {"orclActiveEndDate": _PAST}, "refused"),
    ("active until", {"orclActiveEndDate": _FUTURE}, "in"),
]


@pytest.mark.parametrize(("entry", "answer"), [row[1:] for row in ACCOUNTS], ids=[row[0] for row in ACCOUNTS])
def test_an_account_gets_the_stated_answer(
    entry: Mapping[str, str], answer: str, slapd: Slapd, configure: Configure
) -> None:
    ada = oid_person(slapd, **entry)
    assert configure(dialect="oracle_oid").answer(ada.uid, ada.password) == answer


def test_the_identity_is_the_guid(slapd: Slapd, configure: Configure) -> None:
    guid = uuid.uuid4().hex
    ada = oid_person(slapd, orclGUID=guid.upper())
    there = configure(dialect="oracle_oid")
    identity = there.as_person(ada)
    assert identity is not None
    assert identity.subject == guid
    slapd.set(ada.dn, "orclIsEnabled", "DISABLED")
    standing = there.look_up(identity)
    assert standing is not None
    assert not standing.is_active
    slapd.owner.delete_s(ada.dn)
    assert there.look_up(identity) is None


def test_groups_list_unique_members(slapd: Slapd, configure: Configure) -> None:
    ada = oid_person(slapd)
    inner = slapd.group(ada.dn, kind="groupOfUniqueNames")
    outer = slapd.group(inner, kind="groupOfUniqueNames")
    identity = configure(dialect="oracle_oid", group_base=GROUPS, nested_groups=True).as_person(ada)
    assert identity is not None
    assert {normalised(inner), normalised(outer)} <= identity.groups


def test_a_policy_says_when_a_password_ends(slapd: Slapd, configure: Configure) -> None:
    ada = oid_person(slapd)
    there = configure(dialect="oracle_oid")
    member = there.member_for(ada)
    slapd.set(ada.dn, "pwdPolicySubentry", policy("strict"))
    slapd.set(ada.dn, "pwdChangedTime", _PAST)
    info = info_of(there, member)
    assert info.must_change
    assert info.expires_at is not None
    assert info.expires_at.year == 2020


_SAYS = "Password Policy Error :{}: GSL_EXCP :Contact the administrator."
BINDS = [
    ("right", SUCCESS, "in"),
    ("wrong", (INVALID_CREDENTIALS, ""), "refused"),
    ("expired", (INVALID_CREDENTIALS, _SAYS.format(9000)), "refused"),
    ("locked", (UNWILLING, _SAYS.format(9001)), "refused"),
    ("disabled", (UNWILLING, _SAYS.format(9050)), "refused"),
    ("no server to ask", (52, ""), "unavailable"),
]


@pytest.mark.parametrize(("bind", "answer"), [row[1:] for row in BINDS], ids=[row[0] for row in BINDS])
def test_a_bind_gets_the_stated_answer(bind: Answer, answer: str, slapd: Slapd, configure: Configure) -> None:
    with directory(slapd, bind=bind) as served:
        there = configure(dialect="oracle_oid", servers=[served.url])
        assert there.answer("ada", "the password") == answer


CHANGES: list[tuple[str, Answer, str]] = [
    ("done", SUCCESS, "changed"),
    ("too short", (CONSTRAINT, _SAYS.format(9003)), "too-short"),
    ("without a figure", (CONSTRAINT, _SAYS.format(9004)), "too-simple"),
    ("empty", (UNWILLING, _SAYS.format(9005)), "too-short"),
    ("in the history", (CONSTRAINT, _SAYS.format(9006)), "in-history"),
    ("an illegal value", (UNWILLING, _SAYS.format(9007)), "refused-by-policy"),
    ("a constraint without a number", (CONSTRAINT, ""), "refused-by-policy"),
    ("unwilling without a number", (UNWILLING, ""), "password-unchangeable"),
    ("no right to", (INSUFFICIENT_ACCESS, ""), "password-unchangeable"),
]


@pytest.mark.parametrize(("answer", "said"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES])
def test_a_change_gets_the_stated_answer(
    answer: Answer, said: str, slapd: Slapd, configure: Configure
) -> None:
    with directory(slapd, modify=answer) as served:
        there = configure(dialect="oracle_oid", servers=[served.url])
        assert outcome(there, member_of(there), "the password", _NEW) == said


def test_a_password_changes_as_the_persons_own_user_password(slapd: Slapd, configure: Configure) -> None:
    with directory(slapd) as served:
        there = configure(dialect="oracle_oid", servers=[served.url])
        member = member_of(there)
        served.requests.clear()
        assert outcome(there, member, "the password", _NEW) == "changed"
        (modify,) = served.told("modifyRequest")
        bound = [(str(b["name"]), bytes(b["authentication"]["simple"])) for b in served.told("bindRequest")]
    assert bound[-1] == (_DN, b"the password")
    assert str(modify["object"]) == _DN
    (change,) = modify["modification"]
    replace = 2
    assert int(change["operation"]) == replace
    assert str(change["modification"]["type"]) == "userPassword"
    assert [bytes(value) for value in change["modification"]["vals"]] == [_NEW.encode()]


@contextmanager
def directory(slapd: Slapd, *, bind: Answer = SUCCESS, modify: Answer = SUCCESS) -> Iterator[Wire]:
    """A server with one person whose bind and change end as given."""
    person: Found = (_DN, {"orclGUID": [_GUID.encode()], "uid": [b"ada"]})
    script = Script(
        bind=lambda name, _: bind if name == _DN else SUCCESS,
        entries={PEOPLE: [person]},
        modify=modify,
    )
    with wire(slapd.files, script) as served:
        yield served


def member_of(there: Configured) -> Membership:
    return there.member_for(Person("ada", _DN, "the password"))
