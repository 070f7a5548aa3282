"""The URL tree of the installation."""

from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("config.api_v1")),
    path("api/v2/", include("config.api_v2")),
    path("", include("tenants.web.urls")),
    path("", include("invoicing.web.urls")),
]
