"""Members and invitations."""

from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from msgspec import Meta

from tenants import ids
from tenants.capabilities import MEMBERS_MANAGE, MEMBERS_READ
from tenants.errors import DomainError, NotFound
from tenants.http.callers import own_membership_id
from tenants.http.pagination import decode_cursor, encode_cursor
from tenants.http.query import parse_query
from tenants.http.values import Body, Text, line
from tenants.models import Membership
from tenants.selectors import invitations as invited
from tenants.selectors import lockout as locks
from tenants.selectors import members as selectors
from tenants.selectors.roles import roles
from tenants.services import invitations, lockout, members
from tenants.web.actions import ActionPage, Form, form_of

PAGE_SIZE = 50
_LISTING = "page-members:id"


class MemberListQuery(Body, kw_only=True):
    """The filters."""

    q: Text | None = None
    role: Annotated[str, Meta(max_length=50)] | None = None
    include_inactive: bool = False
    cursor: str | None = None


class InviteForm(Form, kw_only=True):
    email: Annotated[str, line(254)]
    role: Annotated[str, line(50)]


class MemberForm(Form, kw_only=True):
    action: Literal["role", "remove", "reactivate", "unlock", "demand-password"]
    role: Annotated[str, Meta(max_length=50)] = ""


class InvitationForm(Form, kw_only=True):
    action: Literal["send-again", "revoke"]


class MemberList(ActionPage):
    """Who works here, and who was invited."""

    capability: ClassVar = {"GET": MEMBERS_READ, "POST": MEMBERS_MANAGE}

    def get(self, request: HttpRequest) -> HttpResponseBase:
        query = parse_query(request.GET, MemberListQuery)
        return self.render("people/members.html", self._context(query))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Invite somebody."""
        stated = {name: request.POST.get(name, "") for name in ("email", "role")}
        try:
            form = form_of(request, InviteForm)
            made = invitations.invite(email=form.email, role=form.role, membership_id=own_membership_id())
        except DomainError as error:
            context = {**self._context(MemberListQuery()), "stated": stated}
            return self.refused(error, "people/members.html", context)
        return self.attempt(
            lambda: None, done=f"An invitation is on its way to {made.email}.", back=reverse("page-members")
        )

    def _context(self, query: MemberListQuery) -> dict[str, Any]:
        after: UUID | None = None
        if query.cursor:
            (after,) = decode_cursor(_LISTING, query.cursor, tuple[UUID])
        filters = selectors.MemberFilter(query.role, query.q, query.include_inactive)
        rows = list(selectors.members(after=after, filters=filters)[: PAGE_SIZE + 1])
        shown = rows[:PAGE_SIZE]
        every = roles()
        titles = {row.name: row.title for row in every}
        context: dict[str, Any] = {
            "rows": [(each, titles.get(each.role, each.role)) for each in shown],
            "query": query,
            "roles": every,
            "pending": [
                (each, titles.get(each.role, each.role))
                for each in invited.invitations(state="open")[:PAGE_SIZE]
            ],
        }
        if len(rows) > PAGE_SIZE:
            used = {"q": query.q, "role": query.role, "include_inactive": query.include_inactive or None}
            used["cursor"] = encode_cursor(_LISTING, [shown[-1].id])
            context["next_page"] = f"?{urlencode({k: v for k, v in used.items() if v})}"
        return context


class MemberPage(ActionPage):
    """One member: the role, and what else an administrator may do."""

    capability: ClassVar = {"GET": MEMBERS_READ, "POST": MEMBERS_MANAGE}

    def get(self, request: HttpRequest, membership_id: str) -> HttpResponseBase:
        del request
        member = _found(membership_id)
        every = roles()
        context = {
            "member": member,
            "roles": every,
            "title": next((row.title for row in every if row.name == member.role), member.role),
            "locked_until": locks.locked_until(slug=member.tenant.slug, username=member.username),
        }
        return self.render("people/member.html", context)

    def post(self, request: HttpRequest, membership_id: str) -> HttpResponseBase:
        member = _found(membership_id)
        form = form_of(request, MemberForm)
        key = member.id
        name = member.user.name or member.username
        ways = {
            "role": (
                lambda: members.change_role(membership_id=key, role=form.role),
                f"{name} has another role.",
            ),
            "remove": (
                lambda: members.deactivate_member(membership_id=key),
                f"{name} is no longer a member; all sessions are over.",
            ),
            "reactivate": (
                lambda: members.reactivate_member(membership_id=key),
                f"{name} is a member again.",
            ),
            "unlock": (lambda: lockout.unlock(membership_id=key), f"{name} can log in again."),
            "demand-password": (
                lambda: members.update_member(membership_id=key, must_change_password=True),
                f"{name} has to choose a new password at the next login.",
            ),
        }
        do, done = ways[form.action]
        return self.attempt(do, done=done, back=reverse("page-member", args=[membership_id]))


class InvitationPage(ActionPage):
    """What can be done about an invitation."""

    capability: ClassVar = MEMBERS_MANAGE

    def post(self, request: HttpRequest, invitation_id: str) -> HttpResponseBase:
        found = invited.invitation(invitation_id=ids.decode("ivt", invitation_id))
        if found is None:
            raise NotFound
        form = form_of(request, InvitationForm)
        back = reverse("page-members")
        if form.action == "revoke":
            return self.attempt(
                lambda: invitations.revoke_invitation(invitation_id=found.id),
                done=f"The invitation of {found.email} is taken back.",
                back=back,
            )
        return self.attempt(
            lambda: invitations.send_again(invitation_id=found.id),
            done=f"A new link is on its way to {found.email}; the old one is good for nothing.",
            back=back,
        )


def _found(membership_id: str) -> Membership:
    found = selectors.member(membership_id=ids.decode("mem", membership_id))
    if found is None:
        raise NotFound
    return found
