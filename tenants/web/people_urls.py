"""Pages about people and their programs."""

from django.urls import URLPattern

from tenants.http.routes import route
from tenants.web.accept import AcceptInvitation
from tenants.web.api_keys import KeyList, KeyPage
from tenants.web.members import InvitationPage, MemberList, MemberPage
from tenants.web.own_sessions import EndAllSessions, EndSession, OwnSessions
from tenants.web.roles import RoleList, RolePage

urlpatterns: list[URLPattern] = [
    route("sessions", OwnSessions.as_view(), name="page-sessions"),
    route("sessions/end-all", EndAllSessions.as_view(), name="page-sessions-end-all"),
    route("sessions/<str:session_id>/end", EndSession.as_view(), name="page-session-end"),
    route("members", MemberList.as_view(), name="page-members"),
    route("members/<str:membership_id>", MemberPage.as_view(), name="page-member"),
    route("invitations/accept", AcceptInvitation.as_view(), name="page-invitation-accept"),
    route("invitations/<str:invitation_id>", InvitationPage.as_view(), name="page-invitation"),
    route("roles", RoleList.as_view(), name="page-roles"),
    route("roles/<str:role_id>", RolePage.as_view(), name="page-role"),
    route("api-keys", KeyList.as_view(), name="page-api-keys"),
    route("api-keys/<str:api_key_id>", KeyPage.as_view(), name="page-api-key"),
]
