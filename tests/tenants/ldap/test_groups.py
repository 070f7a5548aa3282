"""In which groups somebody is: direct and nested, loops, styles, spellings."""

from collections.abc import Callable

import pytest

from tenants.domain.group_names import normalised
from tests.tenants.ldap.configured import Configure, Configured
from tests.tenants.ldap.slapd import GROUPS, PEOPLE, SUFFIX, Person, Slapd

MakeGroups = Callable[[Slapd, Person], dict[str, bool]]


def direct(slapd: Slapd, ada: Person) -> dict[str, bool]:
    return {slapd.group(ada.dn): True, slapd.group(slapd.person().dn): False}


def nested_three_deep(slapd: Slapd, ada: Person) -> dict[str, bool]:
    inner = slapd.group(ada.dn)
    middle = slapd.group(inner)
    return {inner: True, middle: True, slapd.group(middle): True}


def a_loop(slapd: Slapd, ada: Person) -> dict[str, bool]:
    first = slapd.group(ada.dn)
    second = slapd.group(first)
    slapd.set(first, "member", ada.dn, second)
    return {first: True, second: True}


def its_own_member(slapd: Slapd, ada: Person) -> dict[str, bool]:
    group = slapd.group(ada.dn)
    slapd.set(group, "member", ada.dn, group)
    return {group: True}


def by_unique_member(slapd: Slapd, ada: Person) -> dict[str, bool]:
    other = slapd.group(slapd.person().dn, kind="groupOfUniqueNames")
    return {slapd.group(ada.dn, kind="groupOfUniqueNames"): True, other: False}


def posix(slapd: Slapd, ada: Person) -> dict[str, bool]:
    own = slapd.group(ada.uid, kind="posixGroup", gidNumber="4711")
    return {own: True, slapd.group("somebody", kind="posixGroup", gidNumber="4712"): False}


def of_odd_names(slapd: Slapd, ada: Person) -> dict[str, bool]:
    suffix = ada.uid[-8:]
    names = [f"100% staff {suffix}", f"R&D, (all) * {suffix}", f"Größe İ {suffix}", f"李 {suffix}"]
    return {slapd.group(ada.dn, name=name): True for name in names}


def nested_through_odd_names(slapd: Slapd, ada: Person) -> dict[str, bool]:
    inner = slapd.group(ada.dn, name=f"İ 50% (x) {ada.uid[-8:]}")
    return {inner: True, slapd.group(inner): True}


def outside_the_base(slapd: Slapd, ada: Person) -> dict[str, bool]:
    return {slapd.group(ada.dn, below=PEOPLE): False}


def none_at_all(slapd: Slapd, ada: Person) -> dict[str, bool]:
    del ada
    return {slapd.group(slapd.person().dn): False}


CASES: list[tuple[MakeGroups, dict[str, object]]] = [
    (direct, {}),
    (direct, {"nested_groups": True}),
    (nested_three_deep, {"nested_groups": True}),
    (a_loop, {"nested_groups": True}),
    (its_own_member, {"nested_groups": True}),
    (by_unique_member, {"group_style": "unique_member"}),
    (by_unique_member, {"group_style": "unique_member", "nested_groups": True}),
    (by_unique_member, {"dialect": "openldap", "group_style": "unique_member", "group_filter": "(cn=*)"}),
    (posix, {"group_style": "posix"}),
    (of_odd_names, {}),
    (nested_through_odd_names, {"nested_groups": True}),
    (outside_the_base, {}),
    (none_at_all, {}),
]


@pytest.mark.parametrize(("make", "given"), CASES, ids=lambda part: getattr(part, "__name__", None))
def test_somebody_is_in_the_stated_groups(
    make: MakeGroups, given: dict[str, object], slapd: Slapd, configure: Configure
) -> None:
    ada = slapd.person()
    expected = make(slapd, ada)
    found = groups_of(configure(group_base=GROUPS, **given), ada)
    assert {dn for dn in expected if normalised(dn) in found} == {
        dn for dn, is_in in expected.items() if is_in
    }
    assert not any(normalised(dn) in found for dn, is_in in expected.items() if not is_in)


def test_outer_groups_do_not_count_unless_the_tenant_says_so(slapd: Slapd, configure: Configure) -> None:
    ada = slapd.person()
    inner = slapd.group(ada.dn)
    outer = slapd.group(inner)
    found = groups_of(configure(group_base=GROUPS), ada)
    assert normalised(inner) in found
    assert normalised(outer) not in found


def test_a_group_goes_by_its_dn_and_by_its_name_in_any_spelling(slapd: Slapd, configure: Configure) -> None:
    ada = slapd.person()
    name = f"Invoice Admins {ada.uid[-8:]}"
    slapd.group(ada.dn, name=name)
    found = groups_of(configure(group_base=GROUPS), ada)
    spellings = [name, name.upper(), f"  {name} ", f"CN = {name.upper()} , OU=Groups,DC=Example,dc=com"]
    assert {normalised(spelling) for spelling in spellings} == found


def test_without_a_base_for_groups_the_entry_itself_says_them(slapd: Slapd, configure: Configure) -> None:
    ada = slapd.person()
    name = f"listed-{ada.uid}"
    group = slapd.group(ada.dn, name=name)
    assert groups_of(configure(), ada) == {normalised(group), name}


def test_a_group_called_like_the_dn_of_another_is_not_that_one(slapd: Slapd, configure: Configure) -> None:
    ada = slapd.person()
    theirs = slapd.group(slapd.person().dn)
    lookalike = slapd.group(ada.dn, name=theirs)
    for there in (configure(group_base=GROUPS), configure()):
        found = groups_of(there, ada)
        assert normalised(lookalike) in found
        assert normalised(theirs) not in found


def test_more_groups_than_fit_on_one_page_are_all_found(slapd: Slapd, configure: Configure) -> None:
    ada = slapd.person()
    base = f"ou=many-{ada.uid},{SUFFIX}"
    slapd.add(base, {"objectClass": "organizationalUnit"})
    for number in range(501):
        slapd.group(ada.dn, name=f"g{number}", below=base)
    assert len(groups_of(configure(group_base=base), ada)) == 2 * 501


def test_a_list_of_groups_that_the_server_cuts_off_is_no_list(slapd: Slapd, configure: Configure) -> None:
    ada = slapd.person()
    for _ in range(3):
        slapd.group(ada.dn)
    there = configure(group_base=GROUPS)
    with slapd.limited_to(2):
        assert there.answer(ada.uid, ada.password) == "unavailable"
    assert there.answer(ada.uid, ada.password) == "in"


def test_a_lost_group_is_lost_at_the_next_look(slapd: Slapd, configure: Configure) -> None:
    ada = slapd.person()
    group = slapd.group(ada.dn, slapd.person().dn)
    there = configure(group_base=GROUPS)
    identity = there.as_person(ada)
    assert identity is not None
    before = there.look_up(identity)
    slapd.owner.modify_s(group, [(1, "member", [ada.dn.encode()])])
    after = there.look_up(identity)
    assert before is not None
    assert after is not None
    assert normalised(group) in before.groups
    assert normalised(group) not in after.groups


def groups_of(there: Configured, person: Person) -> frozenset[str]:
    """What a login and a later look say, which is the same."""
    identity = there.as_person(person)
    assert identity is not None
    standing = there.look_up(identity)
    assert standing is not None
    assert standing.groups == identity.groups
    return identity.groups
