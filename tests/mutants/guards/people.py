"""The guards of roles, members, invitations, keys and lockout."""

from tests.mutants.guard import Guard, cut, swap

PEOPLE_TESTS = "tests/tenants/people"
ROLES_TESTS = f"{PEOPLE_TESTS}/test_roles_and_members.py"
KEYS_TESTS = f"{PEOPLE_TESTS}/test_api_keys.py"
INVITATION_TESTS = f"{PEOPLE_TESTS}/test_invitations.py"
LOCKOUT_TESTS = f"{PEOPLE_TESTS}/test_lockout.py"

PEOPLE = (
    Guard(
        "people: changes of rights wait for each other",
        swap(
            "tenants/services/rights.py",
            "Tenant.objects.select_for_update(no_key=True).filter(",
            "Tenant.objects.filter(",
        ),
        (ROLES_TESTS,),
    ),
    Guard(
        "people: nobody gives a right they lack",
        swap(
            "tenants/services/rights.py",
            "    if not _has(rights):\n        raise GrantsTooMuch",
            "    if False:\n        raise GrantsTooMuch",
        ),
        (ROLES_TESTS,),
    ),
    Guard(
        "people: who may do more is not changed by who may do less",
        swap(
            "tenants/services/rights.py",
            "    if not _has(rights):\n        raise MayDoMore",
            "    if False:\n        raise MayDoMore",
        ),
        (ROLES_TESTS,),
    ),
    Guard(
        "people: a removed member's sessions end",
        cut(
            "tenants/services/members.py",
            '    sessions.revoke_all(membership_id=membership.id, because="membership-ended")\n',
        ),
        (ROLES_TESTS,),
    ),
    Guard(
        "people: a key may do no more than its maker",
        swap("tenants/selectors/api_keys.py", "(found.scopes & found.rights)", "found.scopes"),
        (KEYS_TESTS,),
    ),
    Guard(
        "people: a revoked key opens nothing",
        cut("tenants/statements/api_keys.py", " AND k.revoked_at IS NULL"),
        (KEYS_TESTS,),
    ),
    Guard(
        "people: a key ends with its maker",
        swap(
            "tenants/statements/api_keys.py",
            "m.id = k.membership_id AND m.is_active",
            "m.id = k.membership_id",
        ),
        (KEYS_TESTS,),
    ),
    Guard(
        "people: what is for people refuses keys",
        swap("tenants/http/permissions.py", "if actor.is_person if needed", "if True if needed"),
        (KEYS_TESTS,),
    ),
    Guard(
        "people: an invitation works once",
        cut("tenants/services/invitations.py", " or not is_open(invitation)"),
        (INVITATION_TESTS,),
    ),
    Guard(
        "people: an invitation gives nothing its author has lost",
        cut("tenants/services/invitations.py", " or not _may_still_give(invitation)"),
        (INVITATION_TESTS,),
    ),
    Guard(
        "people: the link of a mail is forgotten once it has left",
        swap(
            "tenants/services/mail.py",
            "is_confidential=True, then=nothing",
            "is_confidential=None, then=nothing",
        ),
        (INVITATION_TESTS,),
    ),
    Guard(
        "people: a locked name is refused",
        swap("tenants/statements/lockout.py", "coalesce(old.locked_until > %(now)s, false)", "false"),
        (LOCKOUT_TESTS,),
    ),
    Guard(
        "people: strangers lock a name for strangers only",
        swap(
            "tenants/statements/lockout.py",
            "CASE WHEN known.here THEN %(place)s ELSE %(elsewhere)s END",
            "%(elsewhere)s",
        ),
        (LOCKOUT_TESTS,),
    ),
    Guard(
        "people: names that no tenant has are counted like others",
        swap(
            "tenants/workflows/guesses.py",
            "if standing.locked_until is None:",
            "if standing.locked_until is None or attempt.tenant_id == NOBODY:",
        ),
        (LOCKOUT_TESTS,),
    ),
)
