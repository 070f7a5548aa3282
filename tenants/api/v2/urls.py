"""Routes of `tenants` under /api/v2."""

from django.urls import URLPattern, URLResolver

from tenants.api.v2 import account, api_keys, auth, invitations, jobs, members, roles, tenant
from tenants.http.routes import route

urlpatterns: list[URLPattern | URLResolver] = [
    route("auth/token", auth.Token.as_view(), name="v2-auth-token"),
    route("auth/refresh", auth.Refresh.as_view(), name="v2-auth-refresh"),
    route("auth/logout", auth.Logout.as_view(), name="v2-auth-logout"),
    route("auth/logout-everywhere", auth.LogoutEverywhere.as_view(), name="v2-auth-logout-everywhere"),
    route("auth/switch-tenant", auth.SwitchTenant.as_view(), name="v2-auth-switch-tenant"),
    route("auth/me", account.Me.as_view(), name="v2-auth-me"),
    route("auth/sessions", account.Sessions.as_view(), name="v2-auth-sessions"),
    route("auth/sessions/<str:session_id>", account.Session.as_view(), name="v2-auth-session"),
    route("auth/password", account.Password.as_view(), name="v2-auth-password"),
    route("tenant", tenant.Tenant.as_view(), name="v2-tenant"),
    route("members", members.Members.as_view(), name="v2-members"),
    route("members/<str:membership_id>", members.Member.as_view(), name="v2-member"),
    route(
        "members/<str:membership_id>/reactivate",
        members.MemberReactivation.as_view(),
        name="v2-member-reactivate",
    ),
    route("members/<str:membership_id>/unlock", members.MemberUnlocking.as_view(), name="v2-member-unlock"),
    route("roles", roles.Roles.as_view(), name="v2-roles"),
    route("roles/<str:role_id>", roles.Role.as_view(), name="v2-role"),
    route("roles/<str:role_id>/reactivate", roles.RoleReactivation.as_view(), name="v2-role-reactivate"),
    route("invitations", invitations.Invitations.as_view(), name="v2-invitations"),
    route("invitations/accept", invitations.InvitationAcceptance.as_view(), name="v2-invitation-accept"),
    route("invitations/join", invitations.InvitationJoining.as_view(), name="v2-invitation-join"),
    route("invitations/<str:invitation_id>", invitations.Invitation.as_view(), name="v2-invitation"),
    route(
        "invitations/<str:invitation_id>/send-again",
        invitations.InvitationSending.as_view(),
        name="v2-invitation-send-again",
    ),
    route("api-keys", api_keys.ApiKeys.as_view(), name="v2-api-keys"),
    route("api-keys/<str:api_key_id>", api_keys.ApiKey.as_view(), name="v2-api-key"),
    route("api-keys/<str:api_key_id>/rotate", api_keys.ApiKeyRotation.as_view(), name="v2-api-key-rotate"),
    route("jobs", jobs.Jobs.as_view(), name="v2-jobs"),
    route("jobs/<str:job_id>", jobs.Job.as_view(), name="v2-job"),
]
