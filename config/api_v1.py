"""Everything under /api/v1; removing v1 is removing this module and the packages' `api/v1`."""

from django.urls import include, path

# Tried in this order: the busiest routes come first.
urlpatterns = [
    path("", include("invoicing.api.v1.urls")),
    path("", include("tenants.api.v1.urls")),
    path("", include("audit.api.v1.urls")),
]
