"""How a tenant's people log in: saved whole or in part, and never half-configured."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, is_password_usable
from django.db import transaction
from django.db.models import Q

from tenants.backends.configured import write_secrets
from tenants.capabilities import BUILTIN_ROLES, MEMBERS_MANAGE
from tenants.errors import DomainError, FieldError, InvalidInput, Kind
from tenants.events import Event, publish
from tenants.models import LoginConfiguration, Membership, Role
from tenants.scope import require_tenant_id
from tenants.selectors import factors
from tenants.selectors.login_configuration import LoginView, PasswordPolicy, login_view
from tenants.selectors.logins import break_glass_members
from tenants.selectors.tenants import current_tenant
from tenants.services.login_drafts import Draft, draft
from tenants.services.rights import ensure_can_give, hold_members, rights_of_role
from tenants.services.versions import ChangedMeanwhile
from tenants.statements.rights import rights_of_member

ENTITY: Final = "tenants.loginconfiguration"
PLAIN: Final = ("provisions", "links_by_username", "default_role", "second_factor")


class NobodyCouldLogIn(DomainError):
    """After this change no administrator would be sure to get in: name a break-glass member."""

    kind, code = Kind.CONFLICT, "nobody-could-log-in"


@transaction.atomic
def save_login_configuration(
    *, changes: Mapping[str, Any], merges: bool, expected: int | None = None
) -> LoginView:
    """Save what `changes` names; without `merges` everything else returns to its default.

    Names are those of `LoginView`, `password_policy` holds its three numbers, and
    `without_break_glass` takes the risk of a switch. Secrets that are not mentioned are kept.
    `expected` is the version the change is of; None means whichever there is. Nobody hands out roles
    that can do more than they can. Raises InvalidInput, UnknownRole, GrantsTooMuch, NobodyCouldLogIn,
    ChangedMeanwhile.
    """
    hold_members()
    before = login_view()
    if expected is not None and before.version != expected:
        raise ChangedMeanwhile(pointer="header:If-Match")
    wanted = changes if merges else {**_defaults(), **changes}
    drafted = draft(changes=wanted, merges=merges)
    _ensure_roles(wanted)
    row = LoginConfiguration.objects.first() or LoginConfiguration(tenant_id=require_tenant_id())
    _fill(row, wanted, drafted)
    _ensure_complete(row, drafted)
    row.save()
    if "break_glass" in wanted:
        _name_break_glass(wanted["break_glass"])
    _switch(row, before, drafted, accepts_risk=bool(changes.get("without_break_glass")))
    return login_view()


def _defaults() -> dict[str, Any]:
    return {
        "settings": {},
        "provisions": False,
        "links_by_username": False,
        "default_role": "",
        "group_roles": [],
        "second_factor": "optional",
        "second_factor_roles": [],
        "password_policy": asdict(PasswordPolicy()),
        "break_glass": [],
    }


def _fill(row: LoginConfiguration, wanted: Mapping[str, Any], drafted: Draft) -> None:
    row.settings = drafted.stored_settings
    row.secrets = write_secrets(drafted.secrets)
    for name in (*PLAIN, "group_roles", "second_factor_roles"):
        if name in wanted:
            setattr(row, name, wanted[name])
    for name, value in wanted.get("password_policy", {}).items():
        setattr(row, f"password_{name}", value)


def _ensure_roles(wanted: Mapping[str, Any]) -> None:
    """Every role that is named exists, and can do no more than who names it. Raises as the docs say."""
    named = [(f"/group_roles/{n}/role", each["role"]) for n, each in enumerate(wanted.get("group_roles", ()))]
    if wanted.get("default_role"):
        named.append(("/default_role", wanted["default_role"]))
    for pointer, role in named:
        ensure_can_give(rights_of_role(role, pointer=pointer), pointer=pointer)
    for number, role in enumerate(wanted.get("second_factor_roles", ())):
        rights_of_role(role, pointer=f"/second_factor_roles/{number}")


def _ensure_complete(row: LoginConfiguration, drafted: Draft) -> None:
    """A directory that may make members needs a role for them, and somebody has to come in at all."""
    if not drafted.backend.is_external:
        return
    if row.provisions and not (row.default_role or row.group_roles):
        detail = "New members need a role: give default_role or group_roles."
        raise InvalidInput([FieldError("/provisions", "needs-a-role", detail)])
    if row.links_by_username and not drafted.backend.names_are_assigned:
        detail = "User names of this way of logging in are no proof: people choose them."
        raise InvalidInput([FieldError("/links_by_username", "names-not-assigned", detail)])


def _name_break_glass(wanted: Sequence[UUID]) -> None:
    """Let these members, and no others, break the glass. Raises InvalidInput."""
    faults = []
    members = {
        member.id: member for member in Membership.objects.select_related("user").filter(id__in=wanted)
    }
    for number, member_id in enumerate(wanted):
        fault = _unfit(members.get(member_id))
        if fault is not None:
            faults.append(FieldError(f"/break_glass/{number}", *fault))
    if faults:
        raise InvalidInput(faults)
    former = {member.id: member for member in break_glass_members()}
    for member_id in sorted({*former, *members}):
        member = members.get(member_id) or former[member_id]
        is_named = member_id in members
        if member.is_break_glass != is_named:
            member.is_break_glass = is_named
            member.save(update_fields=["is_break_glass", "updated_at"])


def _unfit(member: Membership | None) -> tuple[str, str] | None:
    if member is None:
        return "not-found", "There is no such member."
    if MEMBERS_MANAGE not in rights_of_member(membership_id=member.id):
        return "not-an-administrator", "Expected a member who can manage members."
    if not is_password_usable(member.user.password):
        return "without-password", "Expected a member with a password kept here."
    if not factors.standing_of(membership_id=member.id, role=member.role).methods:
        return "without-second-factor", "Expected a member who has enrolled a second factor."
    return None


def _switch(row: LoginConfiguration, before: LoginView, drafted: Draft, *, accepts_risk: bool) -> None:
    """Make the tenant log in by the backend of the draft, if somebody is sure to get in afterwards."""
    after = drafted.backend.name
    is_covered = any(_unfit(member) is None for member in break_glass_members().select_related("user"))
    loses_cover = bool(before.break_glass) and not is_covered
    if drafted.backend.is_external and (after != before.backend or loses_cover):
        if not (is_covered or accepts_risk):
            raise NobodyCouldLogIn(
                "No administrator would be sure to get in if the directory fails or was configured wrongly."
                " Name a member in break_glass (an administrator with a password and a second factor), or"
                " say without_break_glass.",
                pointer="/break_glass",
            )
    elif not drafted.backend.is_external and after != before.backend and not _has_password_administrator():
        raise NobodyCouldLogIn(
            "No administrator has a password kept here. Set one first.", pointer="/backend"
        )
    if after == before.backend:
        return
    tenant = current_tenant()
    tenant.auth_backend = after
    tenant.save(update_fields=["auth_backend", "updated_at"])
    data = {"before": before.backend, "after": after, "has_break_glass": is_covered}
    publish(Event("login-configuration.switched", ENTITY, str(row.id), data))


def _has_password_administrator() -> bool:
    builtin = [name for name, rights in BUILTIN_ROLES.items() if MEMBERS_MANAGE in rights]
    custom = Role.objects.filter(capabilities__contains=[MEMBERS_MANAGE]).values("name")
    found = Membership.objects.filter(Q(role__in=builtin) | Q(role__in=custom), user__is_active=True)
    usable = ~Q(user__password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return bool(found.filter(usable).exists())
