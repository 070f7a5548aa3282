"""Routes of `tenants` under /api/v2."""

from django.urls import URLPattern, URLResolver

from tenants.api.v2 import (
    account,
    api_keys,
    auth,
    factors,
    invitations,
    jobs,
    login_configuration,
    login_steps,
    members,
    roles,
    socket_tickets,
    sso,
    tenant,
    tenant_features,
)
from tenants.http.routes import route

urlpatterns: list[URLPattern | URLResolver] = [
    route("auth/token", auth.Token.as_view(), name="v2-auth-token"),
    route("auth/refresh", auth.Refresh.as_view(), name="v2-auth-refresh"),
    route("auth/logout", auth.Logout.as_view(), name="v2-auth-logout"),
    route("auth/logout-everywhere", auth.LogoutEverywhere.as_view(), name="v2-auth-logout-everywhere"),
    route("auth/sso/<str:tenant>/start", sso.Start.as_view(), name="v2-auth-sso-start"),
    route("auth/sso/callback", sso.Callback.as_view(), name="v2-auth-sso-callback"),
    route("auth/sso/<str:tenant>/callback", sso.OwnCallback.as_view(), name="v2-auth-sso-own-callback"),
    route("auth/switch-tenant", auth.SwitchTenant.as_view(), name="v2-auth-switch-tenant"),
    route("auth/me", account.Me.as_view(), name="v2-auth-me"),
    route("auth/sessions", account.Sessions.as_view(), name="v2-auth-sessions"),
    route("auth/sessions/<str:session_id>", account.Session.as_view(), name="v2-auth-session"),
    route("auth/password", account.Password.as_view(), name="v2-auth-password"),
    route("auth/password/forced", login_steps.ForcedPassword.as_view(), name="v2-auth-password-forced"),
    route("auth/mfa", factors.Factors.as_view(), name="v2-auth-mfa"),
    route("auth/mfa/totp", factors.Totp.as_view(), name="v2-auth-mfa-totp"),
    route(
        "auth/mfa/totp/<str:totp_id>/confirm",
        factors.TotpConfirmation.as_view(),
        name="v2-auth-mfa-totp-confirm",
    ),
    route(
        "auth/mfa/totp/<str:totp_id>/remove", factors.TotpRemoval.as_view(), name="v2-auth-mfa-totp-remove"
    ),
    route("auth/mfa/passkeys", factors.Passkeys.as_view(), name="v2-auth-mfa-passkeys"),
    route("auth/mfa/passkeys/options", factors.PasskeyOptions.as_view(), name="v2-auth-mfa-passkeys-options"),
    route(
        "auth/mfa/passkeys/<str:passkey_id>/remove",
        factors.PasskeyRemoval.as_view(),
        name="v2-auth-mfa-passkeys-remove",
    ),
    route("auth/mfa/recovery-codes", factors.RecoveryCodes.as_view(), name="v2-auth-mfa-recovery-codes"),
    route("auth/mfa/proof/options", factors.ProofOptions.as_view(), name="v2-auth-mfa-proof-options"),
    route("auth/mfa/verify", login_steps.Verify.as_view(), name="v2-auth-mfa-verify"),
    route("auth/mfa/verify/options", login_steps.VerifyOptions.as_view(), name="v2-auth-mfa-verify-options"),
    route("auth/mfa/enrolment/totp", login_steps.EnrolTotp.as_view(), name="v2-auth-mfa-enrolment-totp"),
    route(
        "auth/mfa/enrolment/totp/confirm",
        login_steps.ConfirmTotp.as_view(),
        name="v2-auth-mfa-enrolment-confirm",
    ),
    route(
        "auth/mfa/enrolment/passkey", login_steps.EnrolPasskey.as_view(), name="v2-auth-mfa-enrolment-passkey"
    ),
    route(
        "members/<str:membership_id>/reset-second-factor",
        factors.SecondFactorReset.as_view(),
        name="v2-member-factors",
    ),
    route("tenant", tenant.Tenant.as_view(), name="v2-tenant"),
    route("tenant/auth", login_configuration.TenantAuth.as_view(), name="v2-tenant-auth"),
    route("tenant/auth/test", login_configuration.TenantAuthTest.as_view(), name="v2-tenant-auth-test"),
    route("tenant/features", tenant_features.TenantFeatures.as_view(), name="v2-tenant-features"),
    route("socket-tickets", socket_tickets.SocketTickets.as_view(), name="v2-socket-tickets"),
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
