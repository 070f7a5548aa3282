"""Everything under /api/v2."""

from django.urls import include, path

# Tried in this order: the busiest routes come first.
urlpatterns = [
    path("", include("invoicing.api.v2.urls")),
    path("", include("tenants.api.v2.urls")),
    path("", include("audit.api.v2.urls")),
]
