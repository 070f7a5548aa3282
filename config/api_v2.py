"""Everything under /api/v2."""

from django.urls import include, path

urlpatterns = [
    path("", include("tenants.api.v2.urls")),
    path("", include("audit.api.v2.urls")),
    path("", include("invoicing.api.v2.urls")),
]
