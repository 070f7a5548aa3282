"""In which groups somebody is, by django-auth-ldap's group types.

Two things differ from its searches: DNs keep their case and their percent signs (it takes `%` for a
placeholder and lowers every DN, which changes some letters for good), and long answers come by pages.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ldap
from django_auth_ldap.config import (
    GroupOfNamesType,
    GroupOfUniqueNamesType,
    LDAPGroupType,
    LDAPSearch,
    NestedGroupOfNamesType,
    NestedGroupOfUniqueNamesType,
    PosixGroupType,
)

from tenants.backends.ldap.connection import Connection
from tenants.backends.ldap.entries import Entry
from tenants.backends.ldap.settings import GroupStyle, LdapSettings
from tenants.domain.group_names import first_value, is_dn, normalised

_FILTERS = {
    GroupStyle.MEMBER: "(|(objectClass=groupOfNames)(objectClass=group))",
    GroupStyle.UNIQUE_MEMBER: "(objectClass=groupOfUniqueNames)",
    GroupStyle.POSIX: "(objectClass=posixGroup)",
}
# Active Directory walks the chain of groups itself (LDAP_MATCHING_RULE_IN_CHAIN).
_IN_CHAIN = "1.2.840.113556.1.4.1941"


class Search(LDAPSearch):
    """A search below a base; its terms are escaped by django-auth-ldap."""

    def execute(
        self, connection: Connection, filterargs: object = (), escape: bool = True
    ) -> list[tuple[str, Mapping[str, Sequence[str]]]]:
        del filterargs, escape
        found = connection.search(self.base_dn, self.scope, self.filterstr, self.attrlist or ["1.1"])
        return [(entry.dn, {name: entry.texts(name) for name in entry.values}) for entry in found]


class ChainedGroupType(LDAPGroupType):
    """Groups of groups, found by Active Directory in one question."""

    def user_groups(self, ldap_user: Any, group_search: Any) -> Any:
        search = group_search.search_with_additional_terms({f"member:{_IN_CHAIN}:": ldap_user.dn})
        return search.execute(ldap_user.connection)


@dataclass(frozen=True, slots=True)
class Member:
    """What group types want to know of somebody; attributes by their usual spelling."""

    dn: str
    attrs: Mapping[str, Sequence[str]]
    connection: Connection


def groups_of(
    connection: Connection, settings: LdapSettings, entry: Entry, *, style: GroupStyle, in_chain: bool
) -> frozenset[str]:
    """The normalised DNs and names of all groups of `entry`.

    Without a base for groups they are those the entry itself lists (memberOf). Raises Unreachable,
    Misconfigured: a list that may be incomplete would take rights away, or leave a denial out.
    """
    if not settings.group_base:
        return _labelled((dn, first_value(dn)) for dn in entry.texts("memberOf"))
    attribute = settings.group_name_attribute
    search = Search(
        settings.group_base,
        ldap.SCOPE_SUBTREE,
        settings.group_filter or _FILTERS[style],
        attrlist=[attribute],
    )
    attrs = {name: found for name in ("uid", "gidNumber") if (found := entry.texts(name))}
    kind = _type_of(style, attribute, is_nested=settings.nested_groups, in_chain=in_chain)
    found = kind.user_groups(Member(entry.dn, attrs, connection), search)
    return _labelled((dn, next(iter(values.get(attribute.lower(), ())), "")) for dn, values in found)


def _type_of(style: GroupStyle, attribute: str, *, is_nested: bool, in_chain: bool) -> LDAPGroupType:
    if style is GroupStyle.POSIX:
        return PosixGroupType(attribute)
    if style is GroupStyle.UNIQUE_MEMBER:
        return (NestedGroupOfUniqueNamesType if is_nested else GroupOfUniqueNamesType)(attribute)
    if is_nested and in_chain:
        return ChainedGroupType(attribute)
    return (NestedGroupOfNamesType if is_nested else GroupOfNamesType)(attribute)


def _labelled(found: Iterable[tuple[str, str]]) -> frozenset[str]:
    labels = set()
    for dn, name in found:
        labels.add(normalised(dn))
        # A group that is called like another one's DN must not pass for that one.
        if name.strip() and not is_dn(name):
            labels.add(normalised(name))
    return frozenset(labels)
