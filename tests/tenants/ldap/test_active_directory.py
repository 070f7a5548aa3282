"""Active Directory: its attributes in slapd, and on the wire what slapd cannot do.

No domain controller took part: what is shown is that we read its documented attributes and codes, and
send the documented bytes.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from tenants.backends.base import DirectoryUnavailable, PasswordInfo
from tenants.models import Membership
from tests.tenants.ldap.configured import Configure, Configured
from tests.tenants.ldap.slapd import GROUPS, PEOPLE, READER, Person, Slapd
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

_NEVER = 0x7FFF_FFFF_FFFF_FFFF
_GUID = uuid.UUID("12345678-9abc-def0-1234-56789abcdef0")
_NEW = "neues Pässwört 2026"
_DN = f"CN=Ada Lovelace,{PEOPLE}"


def filetime(moment: datetime) -> str:
    return str(int((moment - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10_000_000)


_PAST, _FUTURE = filetime(datetime(2020, 1, 1, tzinfo=UTC)), filetime(datetime(2099, 1, 1, tzinfo=UTC))


def ad_person(slapd: Slapd, **more: str | bytes) -> Person:
    """Somebody with the attributes of a domain's user; the name to log in by is the uid."""
    name = f"ada-{uuid.uuid4().hex[:8]}"
    given: dict[str, str | bytes] = {
        "sAMAccountName": name,
        "userAccountControl": "512",
        "objectGUID": uuid.uuid4().bytes_le,
        **more,
    }
    return slapd.person(uid=name, below=PEOPLE, classes=["user"], **given)


ACCOUNTS: list[tuple[str, Mapping[str, str], str]] = [
    ("a usual account", {}, "in"),
    ("disabled (ACCOUNTDISABLE)", {"userAccountControl": "514"}, "refused"),
    ("disabled among other flags", {"userAccountControl": str(0x10000 | 0x200 | 0x2)}, "refused"),
    ("a password that never expires", {"userAccountControl": str(0x10200)}, "in"),
    ("expired", {"accountExpires": _PAST}, "refused"),
    ("expires one day", {"accountExpires": _FUTURE}, "in"),
    ("never expires, as 0", {"accountExpires": "0"}, "in"),
    ("never expires, as the greatest number", {"accountExpires": str(_NEVER)}, "in"),
    ("locked out for a while, which the bind decides", {"msDS_User_Account_Control_Computed": "16"}, "in"),
    ("a computer", {"objectClass": "computer"}, "refused"),
]


@pytest.mark.parametrize(("entry", "answer"), [row[1:] for row in ACCOUNTS], ids=[row[0] for row in ACCOUNTS])
def test_an_account_gets_the_stated_answer(
    entry: Mapping[str, str], answer: str, slapd: Slapd, configure: Configure
) -> None:
    given = dict(entry)
    kind = given.pop("objectClass", None)
    ada = ad_person(slapd, **given)
    if kind is not None:
        slapd.set(ada.dn, "objectClass", "top", "inetOrgPerson", "user", kind)
    there = configure(dialect="active_directory")
    assert there.answer(ada.uid.upper(), ada.password) == answer


@pytest.mark.parametrize(
    "guid", [_GUID.bytes_le, b"sixteen letters!", bytes(range(16)), b"(*)\\\0" + b"\xff" * 11]
)
def test_the_identity_is_the_guid_in_the_order_of_windows(
    guid: bytes, slapd: Slapd, configure: Configure
) -> None:
    ada = ad_person(slapd, objectGUID=guid)
    there = configure(dialect="active_directory")
    identity = there.as_person(ada)
    assert identity is not None
    assert identity.subject == str(uuid.UUID(bytes_le=guid))
    assert identity.username == ada.uid
    standing = there.look_up(identity)
    assert standing is not None
    assert standing.is_active
    slapd.set(ada.dn, "userAccountControl", "514")
    standing = there.look_up(identity)
    assert standing is not None
    assert not standing.is_active
    slapd.owner.delete_s(ada.dn)
    assert there.look_up(identity) is None


def test_flags_that_may_not_be_read_leave_the_question_open(slapd: Slapd, configure: Configure) -> None:
    ada = ad_person(slapd)
    slapd.set(ada.dn, "userAccountControl")
    there = configure(dialect="active_directory")
    assert there.answer(ada.uid, ada.password) == "unavailable"


def test_a_user_principal_name_may_be_the_name_to_log_in_by(slapd: Slapd, configure: Configure) -> None:
    ada = ad_person(slapd)
    slapd.set(ada.dn, "userPrincipalName", f"{ada.uid}@example.com")
    there = configure(dialect="active_directory", login_attribute="userPrincipalName")
    assert there.answer(f"{ada.uid}@EXAMPLE.com", ada.password) == "in"
    assert there.answer(ada.uid, ada.password) == "refused"


PASSWORDS: list[tuple[str, Mapping[str, str], PasswordInfo]] = [
    ("nothing is known", {}, PasswordInfo(can_change=True)),
    (
        "it ends one day",
        {"msDS_UserPasswordExpiryTimeComputed": _FUTURE, "pwdLastSet": _PAST},
        PasswordInfo(can_change=True, expires_at=datetime(2099, 1, 1, tzinfo=UTC)),
    ),
    (
        "it has ended",
        {"msDS_UserPasswordExpiryTimeComputed": _PAST, "pwdLastSet": _PAST},
        PasswordInfo(can_change=True, expires_at=datetime(2020, 1, 1, tzinfo=UTC), must_change=True),
    ),
    (
        "it never ends",
        {"msDS_UserPasswordExpiryTimeComputed": str(_NEVER), "pwdLastSet": _PAST},
        PasswordInfo(can_change=True),
    ),
    (
        "it was reset",
        {"pwdLastSet": "0", "msDS_UserPasswordExpiryTimeComputed": "0"},
        PasswordInfo(can_change=True, must_change=True),
    ),
    (
        "the domain computes that it has ended",
        {"msDS_User_Account_Control_Computed": str(0x800000)},
        PasswordInfo(can_change=True, must_change=True),
    ),
    (
        "its flag says that it never ends",
        {"userAccountControl": str(0x10200), "msDS_UserPasswordExpiryTimeComputed": _PAST, "pwdLastSet": "0"},
        PasswordInfo(can_change=True),
    ),
]


@pytest.mark.parametrize(("entry", "info"), [row[1:] for row in PASSWORDS], ids=[row[0] for row in PASSWORDS])
def test_a_password_is_told_of(
    entry: Mapping[str, str], info: PasswordInfo, slapd: Slapd, configure: Configure
) -> None:
    ada = ad_person(slapd, **entry)
    there = configure(dialect="active_directory")
    assert info_of(there, there.member_for(ada)) == info


# Microsoft's words for a refused bind, with the code that tells why.
_REFUSED = "80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data {}, v2580"
SUB_CODES = [
    ("525", "refused", "no such user"),
    ("52e", "refused", "wrong password"),
    ("530", "refused", "not at this time"),
    ("531", "refused", "not at this workstation"),
    ("532", "must change", "password expired"),
    ("533", "refused", "account disabled"),
    ("534", "refused", "no right to log in"),
    ("701", "refused", "account expired"),
    ("773", "must change", "password was reset"),
    ("775", "refused", "locked out"),
    ("80090308", "refused", "a code of another kind"),
    ("0", "refused", "no code"),
    ("", "refused", "nothing where the code should be"),
]


@pytest.mark.parametrize(
    ("code", "answer"), [row[:2] for row in SUB_CODES], ids=[row[2] for row in SUB_CODES]
)
def test_a_refused_bind_says_why(code: str, answer: str, slapd: Slapd, configure: Configure) -> None:
    with domain(slapd, bind=(INVALID_CREDENTIALS, _REFUSED.format(code))) as (served, settings):
        assert configure(**settings, servers=[served.url]).answer("ada", "their password") == answer


def test_a_code_in_another_refusal_means_nothing(slapd: Slapd, configure: Configure) -> None:
    with domain(slapd, bind=(UNWILLING, _REFUSED.format("773"))) as (served, settings):
        assert configure(**settings, servers=[served.url]).answer("ada", "their password") == "refused"


def test_groups_of_groups_are_asked_for_in_one_chain(slapd: Slapd, configure: Configure) -> None:
    group: Found = (f"CN=Finance,{GROUPS}", {"cn": [b"Finance"]})
    with domain(slapd, groups=[group]) as (served, settings):
        there = configure(**settings, servers=[served.url], group_base=GROUPS, nested_groups=True)
        identity = there.log_in("ada", "their password")
        assert identity is not None
        assert identity.groups == {"finance", f"cn=finance,{GROUPS}"}
        asked = served.bytes_of("searchRequest")[-1]
    # An extensible match (RFC 4511, 4.5.1.7.7): rule, attribute and value, each with its tag and length.
    rule, value = b"1.2.840.113556.1.4.1941", _DN.encode()
    assert bytes([0x81, len(rule)]) + rule in asked
    assert b"\x82\x06member" in asked
    assert bytes([0x83, len(value)]) + value in asked


def test_the_guid_is_asked_for_by_its_bytes(slapd: Slapd, configure: Configure) -> None:
    with domain(slapd) as (served, settings):
        there = configure(**settings, servers=[served.url])
        identity = there.log_in("ada", "their password")
        assert identity is not None
        assert there.look_up(identity) is not None
        assert b"\x04\x0aobjectGUID\x04\x10" + _GUID.bytes_le in served.bytes_of("searchRequest")[-1]


def test_a_password_changes_as_one_delete_and_one_add_by_the_searching_account(
    slapd: Slapd, configure: Configure
) -> None:
    with domain(slapd) as (served, settings):
        there = configure(**settings, servers=[served.url])
        member = member_of(there)
        served.requests.clear()
        assert outcome(there, member, 'alt "quoted" \\ 密', _NEW) == "changed"
        (modify,) = served.told("modifyRequest")
        assert [str(bind["name"]) for bind in served.told("bindRequest")] == [READER]
    assert str(modify["object"]) == _DN
    changes = [
        (
            int(change["operation"]),
            str(change["modification"]["type"]),
            [bytes(v) for v in change["modification"]["vals"]],
        )
        for change in modify["modification"]
    ]
    delete, add = 1, 0
    assert changes == [
        (delete, "unicodePwd", ['"alt "quoted" \\ 密"'.encode("utf-16-le")]),
        (add, "unicodePwd", ['"neues Pässwört 2026"'.encode("utf-16-le")]),
    ]


_CONSTRAINT = "{}: AtrErr: DSID-03191083, #1:\n\t0: {}: DSID-03191083, problem 1005 (CONSTRAINT_ATT_TYPE)"
CHANGES: list[tuple[str, Answer, str]] = [
    ("done", SUCCESS, "changed"),
    ("wrong old password", (CONSTRAINT, _CONSTRAINT.format("00000056", "00000056")), "wrong-password"),
    (
        "wrong old password, as a logon failure",
        (CONSTRAINT, "0000052E: SvcErr: DSID-031A12D2"),
        "wrong-password",
    ),
    ("against the policy", (CONSTRAINT, _CONSTRAINT.format("0000052D", "0000052D")), "refused-by-policy"),
    ("against the policy, as unwilling", (UNWILLING, "0000052D: SvcErr: DSID-031A12D2"), "refused-by-policy"),
    ("a constraint without a code", (CONSTRAINT, ""), "refused-by-policy"),
    ("unwilling for another reason", (UNWILLING, "0000001F: SvcErr: DSID-031A12D2"), "password-unchangeable"),
    ("no right to", (INSUFFICIENT_ACCESS, "00000005: SecErr: DSID-03152857"), "password-unchangeable"),
]


@pytest.mark.parametrize(("answer", "said"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES])
def test_a_refused_change_says_why(answer: Answer, said: str, slapd: Slapd, configure: Configure) -> None:
    with domain(slapd, modify=answer) as (served, settings):
        there = configure(**settings, servers=[served.url])
        assert outcome(there, member_of(there), "the old password", _NEW) == said


def test_a_change_that_is_not_answered_is_not_repeated_elsewhere(slapd: Slapd, configure: Configure) -> None:
    with domain(slapd, modify=(51, "busy")) as (first, settings), domain(slapd) as (second, _):
        there = configure(**settings, servers=[first.url, second.url])
        member = member_of(there)
        with pytest.raises(DirectoryUnavailable):
            outcome(there, member, "the old password", _NEW)
        assert first.told("modifyRequest")
        assert not second.told("modifyRequest")


@contextmanager
def domain(
    slapd: Slapd, *, bind: Answer = SUCCESS, modify: Answer = SUCCESS, groups: Sequence[Found] = ()
) -> Iterator[tuple[Wire, dict[str, object]]]:
    """A server with one person whose bind and change end as given, and the settings for it."""
    person: Found = (
        _DN,
        {"objectGUID": [_GUID.bytes_le], "sAMAccountName": [b"ada"], "userAccountControl": [b"512"]},
    )
    script = Script(
        bind=lambda name, _: bind if name == _DN else SUCCESS,
        entries={PEOPLE: [person], GROUPS: groups},
        modify=modify,
    )
    with wire(slapd.files, script) as served:
        yield served, {"dialect": "active_directory"}


def member_of(there: Configured) -> Membership:
    return there.member_for(Person("ada", _DN, "the old password"))
