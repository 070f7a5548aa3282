"""Everything under /api/v1; removing v1 is removing this module and the packages' `api/v1`."""

from django.urls import include, path

urlpatterns = [
    path("", include("tenants.api.v1.urls")),
    path("", include("audit.api.v1.urls")),
    path("", include("invoicing.api.v1.urls")),
]
