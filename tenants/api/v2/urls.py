"""Routes of `tenants` under /api/v2."""

from django.urls import URLPattern, URLResolver

from tenants.api.v2 import account, auth, jobs, tenant
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
    route("members", tenant.Members.as_view(), name="v2-members"),
    route("jobs", jobs.Jobs.as_view(), name="v2-jobs"),
    route("jobs/<str:job_id>", jobs.Job.as_view(), name="v2-job"),
]
