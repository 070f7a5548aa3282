"""Routes of `tenants` under /api/v1."""

from django.urls import URLPattern, URLResolver

from tenants.api.v1 import account, api_keys, auth, invitations, jobs, members, roles, tenant
from tenants.http.routes import route

urlpatterns: list[URLPattern | URLResolver] = [
    route("auth/token", auth.Token.as_view(), name="v1-auth-token"),
    route("auth/refresh", auth.Refresh.as_view(), name="v1-auth-refresh"),
    route("auth/logout", auth.Logout.as_view(), name="v1-auth-logout"),
    route("auth/logout-everywhere", auth.LogoutEverywhere.as_view(), name="v1-auth-logout-everywhere"),
    route("auth/switch-tenant", auth.SwitchTenant.as_view(), name="v1-auth-switch-tenant"),
    route("auth/me", account.Me.as_view(), name="v1-auth-me"),
    route("auth/sessions", account.Sessions.as_view(), name="v1-auth-sessions"),
    route("auth/sessions/<str:session_id>", account.Session.as_view(), name="v1-auth-session"),
    route("auth/password", account.Password.as_view(), name="v1-auth-password"),
    route("tenant", tenant.Tenant.as_view(), name="v1-tenant"),
    route("members", members.Members.as_view(), name="v1-members"),
    route("members/<str:membership_id>", members.Member.as_view(), name="v1-member"),
    route(
        "members/<str:membership_id>/reactivate",
        members.MemberReactivation.as_view(),
        name="v1-member-reactivate",
    ),
    route("members/<str:membership_id>/unlock", members.MemberUnlocking.as_view(), name="v1-member-unlock"),
    route("roles", roles.Roles.as_view(), name="v1-roles"),
    route("roles/<str:role_id>", roles.Role.as_view(), name="v1-role"),
    route("roles/<str:role_id>/reactivate", roles.RoleReactivation.as_view(), name="v1-role-reactivate"),
    route("invitations", invitations.Invitations.as_view(), name="v1-invitations"),
    route("invitations/accept", invitations.InvitationAcceptance.as_view(), name="v1-invitation-accept"),
    route("invitations/join", invitations.InvitationJoining.as_view(), name="v1-invitation-join"),
    route("invitations/<str:invitation_id>", invitations.Invitation.as_view(), name="v1-invitation"),
    route(
        "invitations/<str:invitation_id>/send-again",
        invitations.InvitationSending.as_view(),
        name="v1-invitation-send-again",
    ),
    route("api-keys", api_keys.ApiKeys.as_view(), name="v1-api-keys"),
    route("api-keys/<str:api_key_id>", api_keys.ApiKey.as_view(), name="v1-api-key"),
    route("api-keys/<str:api_key_id>/rotate", api_keys.ApiKeyRotation.as_view(), name="v1-api-key-rotate"),
    route("jobs", jobs.Jobs.as_view(), name="v1-jobs"),
    route("jobs/<str:job_id>", jobs.Job.as_view(), name="v1-job"),
]
