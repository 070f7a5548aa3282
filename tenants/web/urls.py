"""Pages of `tenants`."""

from django.urls import URLPattern, URLResolver, include, path

from tenants.http.routes import route
from tenants.web.entry import Home, Login, Logout, Switch
from tenants.web.security import AppConfirmation, FactorChange, PasskeyRegistration, Security
from tenants.web.sso import SsoOwnReturn, SsoReturn, SsoStart
from tenants.web.steps import LoginStep

urlpatterns: list[URLPattern | URLResolver] = [
    route("", Home.as_view(), name="page-home"),
    route("login", Login.as_view(), name="page-login"),
    route("login/sso/return", SsoReturn.as_view(), name="page-sso-return"),
    route("login/sso/<str:tenant>", SsoStart.as_view(), name="page-sso-start"),
    route("login/sso/<str:tenant>/return", SsoOwnReturn.as_view(), name="page-sso-own-return"),
    route("login/step", LoginStep.as_view(), name="page-login-step"),
    route("logout", Logout.as_view(), name="page-logout"),
    route("switch", Switch.as_view(), name="page-switch"),
    route("security", Security.as_view(), name="page-security"),
    route("security/change", FactorChange.as_view(), name="page-security-change"),
    route("security/app", AppConfirmation.as_view(), name="page-security-app"),
    route("security/passkey", PasskeyRegistration.as_view(), name="page-security-passkey"),
    path("", include("tenants.web.people_urls")),
]
