"""What somebody may do, and the built-in roles as named sets of it.

A permission check names a capability, never a role: custom roles are further sets.
"""

from collections.abc import Iterable
from typing import Final

MEMBERS_READ: Final = "members.read"
MEMBERS_MANAGE: Final = "members.manage"
KEYS_MANAGE: Final = "keys.manage"
SETTINGS_READ: Final = "settings.read"
SETTINGS_MANAGE: Final = "settings.manage"
LOGIN_MANAGE: Final = "login.manage"
CATALOGUE_READ: Final = "catalogue.read"
CATALOGUE_WRITE: Final = "catalogue.write"
PARTIES_MERGE: Final = "parties.merge"
BANK_DETAILS_READ: Final = "bank_details.read"
INVOICES_READ: Final = "invoices.read"
INVOICES_WRITE: Final = "invoices.write"
INVOICES_ISSUE: Final = "invoices.issue"
INVOICES_VOID: Final = "invoices.void"
INVOICES_WRITE_OFF: Final = "invoices.write_off"
PAYMENTS_READ: Final = "payments.read"
PAYMENTS_WRITE: Final = "payments.write"
PAYMENTS_REFUND: Final = "payments.refund"
RATES_WRITE: Final = "rates.write"
BOOKS_CLOSE: Final = "books.close"
JOBS_READ: Final = "jobs.read"
AUDIT_READ: Final = "audit.read"

_READING: Final = frozenset({CATALOGUE_READ, INVOICES_READ, PAYMENTS_READ, JOBS_READ})
_EDITING: Final = _READING | {
    BANK_DETAILS_READ,
    CATALOGUE_WRITE,
    INVOICES_WRITE,
    INVOICES_ISSUE,
    PAYMENTS_WRITE,
}
_DECIDING: Final = frozenset(
    {PARTIES_MERGE, INVOICES_VOID, INVOICES_WRITE_OFF, PAYMENTS_REFUND, RATES_WRITE, BOOKS_CLOSE}
)

BUILTIN_ROLES: Final[dict[str, frozenset[str]]] = {
    "admin": _EDITING
    | _DECIDING
    | {MEMBERS_READ, MEMBERS_MANAGE, KEYS_MANAGE, SETTINGS_READ, SETTINGS_MANAGE, LOGIN_MANAGE, AUDIT_READ},
    "editor": _EDITING,
    "viewer": _READING,
    "auditor": _READING | {BANK_DETAILS_READ, MEMBERS_READ, SETTINGS_READ, AUDIT_READ},
}
ALL: Final[frozenset[str]] = frozenset().union(*BUILTIN_ROLES.values())
# A key that could make keys would outlive its own revocation, and one that could change how people log in
# could become any of them.
NOT_FOR_KEYS: Final = frozenset({KEYS_MANAGE, LOGIN_MANAGE})
# Whoever is held to some legal entities has no say in what concerns them all, nor in whom that holds.
OF_THE_WHOLE: Final = frozenset(
    {MEMBERS_MANAGE, KEYS_MANAGE, SETTINGS_MANAGE, LOGIN_MANAGE, AUDIT_READ, RATES_WRITE, PARTIES_MERGE}
)
WORDS: Final[dict[str, str]] = {
    CATALOGUE_READ: "See customers, vendors, items and tax rates",
    CATALOGUE_WRITE: "Change customers, vendors, items and tax rates",
    BANK_DETAILS_READ: "See bank details of your own companies, of customers and of vendors",
    PARTIES_MERGE: "Merge duplicates of customers and vendors, for good",
    INVOICES_READ: "See invoices and credit notes",
    INVOICES_WRITE: "Draft invoices and credit notes",
    INVOICES_ISSUE: "Issue invoices and credit notes",
    INVOICES_VOID: "Void documents that have not left the house",
    INVOICES_WRITE_OFF: "Write off more than the limit",
    PAYMENTS_READ: "See payments, accounts and receivables",
    PAYMENTS_WRITE: "Post payments and what they settle, returns and write-offs within the limit",
    PAYMENTS_REFUND: "Pay credit back to customers",
    RATES_WRITE: "Record exchange rates",
    BOOKS_CLOSE: "Close periods of the books and open them again",
    JOBS_READ: "Watch background jobs",
    MEMBERS_READ: "See members and roles",
    MEMBERS_MANAGE: "Invite, change and remove members, make roles",
    KEYS_MANAGE: "Make and revoke API keys",
    SETTINGS_READ: "See the company's settings",
    SETTINGS_MANAGE: "Change the company's settings",
    LOGIN_MANAGE: "Change how people log in",
    AUDIT_READ: "Read the audit trail",
}


def of_role(role: str) -> frozenset[str]:
    """The capabilities of a built-in role; an unknown role has none."""
    return BUILTIN_ROLES.get(role, frozenset())


def resolved(role: str, custom: Iterable[str] | None) -> frozenset[str]:
    """The capabilities of a role by its name: a built-in one's, else those the tenant put into it.

    `custom` is what stands in the tenant's role of this name, None without one. What was once a
    capability and is none any more counts for nothing.
    """
    if role in BUILTIN_ROLES:
        return BUILTIN_ROLES[role]
    return ALL & frozenset(custom or ())
