"""What somebody may do, and the built-in roles as named sets of it.

A permission check names a capability, never a role: custom roles are further sets.
"""

from typing import Final

MEMBERS_READ: Final = "members.read"
MEMBERS_MANAGE: Final = "members.manage"
SETTINGS_READ: Final = "settings.read"
SETTINGS_MANAGE: Final = "settings.manage"
CATALOGUE_READ: Final = "catalogue.read"
CATALOGUE_WRITE: Final = "catalogue.write"
INVOICES_READ: Final = "invoices.read"
INVOICES_WRITE: Final = "invoices.write"
INVOICES_ISSUE: Final = "invoices.issue"
JOBS_READ: Final = "jobs.read"
AUDIT_READ: Final = "audit.read"

_READING: Final = frozenset({CATALOGUE_READ, INVOICES_READ, JOBS_READ})
_EDITING: Final = _READING | {CATALOGUE_WRITE, INVOICES_WRITE, INVOICES_ISSUE}

BUILTIN_ROLES: Final[dict[str, frozenset[str]]] = {
    "admin": _EDITING | {MEMBERS_READ, MEMBERS_MANAGE, SETTINGS_READ, SETTINGS_MANAGE, AUDIT_READ},
    "editor": _EDITING,
    "viewer": _READING,
    "auditor": _READING | {MEMBERS_READ, SETTINGS_READ, AUDIT_READ},
}
ALL: Final[frozenset[str]] = frozenset().union(*BUILTIN_ROLES.values())


def of_role(role: str) -> frozenset[str]:
    """The capabilities of a built-in role; an unknown role has none."""
    return BUILTIN_ROLES.get(role, frozenset())
