"""Routes of `tenants` under /api/v1."""

from django.urls import URLPattern, URLResolver

from tenants.api.v1 import account, auth, jobs, tenant
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
    route("members", tenant.Members.as_view(), name="v1-members"),
    route("jobs", jobs.Jobs.as_view(), name="v1-jobs"),
    route("jobs/<str:job_id>", jobs.Job.as_view(), name="v1-job"),
]
