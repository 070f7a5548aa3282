"""Spellings of groups, compared."""

import pytest

from tenants.domain.group_names import first_value, normalised

SAME = [
    ("Admins", "admins"),
    ("  Admins ", "ADMINS"),
    ("CN=Admins,OU=Groups,DC=example", "cn=admins,ou=groups,dc=example"),
    ("cn = Admins , ou = Groups", "cn=admins,ou=groups"),
    ("cn=Größe", "CN=GRÖSSE"),
    ("cn=Gro\u0308sse", "cn=Gr\u00f6sse"),
    ("cn=R\\26D", "cn=r&d"),
    ("cn=a\\2cb,ou=x", "cn=a\\,b,ou=x"),
    ("cn=\\c3\\bc", "cn=ü"),
    ("cn=a+ou=b,dc=c", "OU=B+CN=A,DC=C"),
    ("2.5.4.3=admins", "2.5.4.3=Admins"),
    ("ｃｎ=admins", "cn=admins"),
]
DIFFERENT = [
    ("admins", "cn=admins"),
    ("cn=admins,ou=a", "cn=admins,ou=b"),
    ("cn=a,b", "cn=a\\,b"),
    ("cn=a\\,ou=b", "cn=a,ou=b"),
    ("admins", "admin s"),
    ("cn=", "cn=x"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_spellings_are_one_group(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)
    assert normalised(normalised(one)) == normalised(one)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_groups_stay_two(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


@pytest.mark.parametrize(
    ("dn", "value"),
    [("cn=Admins,ou=x", "Admins"), ("cn=a\\,b,ou=x", "a,b"), ("CN=\\c3\\bc", "ü"), ("Admins", ""), ("", "")],
)
def test_the_first_value_is_a_groups_name(dn: str, value: str) -> None:
    assert first_value(dn) == value
