"""Routes of `audit` under /api/v2."""

from django.urls import URLPattern, URLResolver

from audit.api.v2.entries import EntryList
from tenants.http.routes import route

urlpatterns: list[URLPattern | URLResolver] = [
    route("audit/entries", EntryList.as_view(), name="v2-audit-entries"),
]
