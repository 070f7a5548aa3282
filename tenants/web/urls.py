"""Pages of `tenants`."""

from django.urls import URLPattern, URLResolver

from tenants.http.routes import route
from tenants.web.entry import Home, Login, Logout, Switch

urlpatterns: list[URLPattern | URLResolver] = [
    route("", Home.as_view(), name="page-home"),
    route("login", Login.as_view(), name="page-login"),
    route("logout", Logout.as_view(), name="page-logout"),
    route("switch", Switch.as_view(), name="page-switch"),
]
