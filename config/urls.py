"""The URL tree of the installation."""

from django.urls import include, path

urlpatterns = [
    path("", include("config.schemas")),
    path("", include("tenants.api.health")),
    path("api/v1/", include("config.api_v1")),
    path("api/v2/", include("config.api_v2")),
    path("", include("tenants.api.keys")),
    path("", include("tenants.web.urls")),
    path("", include("invoicing.web.urls")),
]

handler400 = "tenants.http.problems.bad_request"
handler403 = "tenants.http.problems.permission_denied"
handler404 = "tenants.http.problems.page_not_found"
handler500 = "tenants.http.problems.server_error"
