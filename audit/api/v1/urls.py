"""Routes of `audit` under /api/v1."""

from django.urls import URLPattern, URLResolver

from audit.api.v1.entries import EntryListV1
from tenants.http.routes import route

urlpatterns: list[URLPattern | URLResolver] = [
    route("audit/entries", EntryListV1.as_view(), name="v1-audit-entries"),
]
