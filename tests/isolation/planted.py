"""Views that leak, each in another way, and the URL tree they hang in: the sweep must find every one."""

import logging
from typing import Any, ClassVar

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse, JsonResponse
from django.urls import path

from config.urls import urlpatterns as config_urls
from invoicing.models import Customer
from tenants import ids
from tenants.http.guards import SIGNED_IN
from tenants.http.versions import V2View

logger = logging.getLogger(__name__)


class _Planted(V2View):
    """Planted."""

    capability: ClassVar[Any] = SIGNED_IN


def _rows(where: str = "true", *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, name FROM invoicing_customer WHERE {where} ORDER BY id", parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


class UnscopedList(_Planted):
    """Forgets the tenant in its SQL: row-level security alone stands before it."""

    def get(self, request: Any) -> HttpResponse:
        return JsonResponse({"names": [name for _, name in _rows()]})


class UnscopedCount(_Planted):
    """Shows no row, but how many there are."""

    def get(self, request: Any) -> HttpResponse:
        return JsonResponse({"total": len(_rows())})


class LoggedName(_Planted):
    """Answers properly and writes somebody's name into the log."""

    def get(self, request: Any) -> HttpResponse:
        logger.info("customers: %s", _rows())
        return JsonResponse({})


class SharedCache(_Planted):
    """Keeps an answer under a key without the tenant: whoever comes second sees the first one's."""

    def get(self, request: Any) -> HttpResponse:
        names = list(Customer.objects.values_list("name", flat=True))
        return JsonResponse({"names": cache.get_or_set("planted:customers", names)})


class ExistenceOracle(_Planted):
    """Tells a foreign row from one that is not there."""

    def get(self, request: Any, customer_id: str) -> HttpResponse:
        wanted = ids.decode("cus", customer_id)
        if Customer.objects.filter(id=wanted).exists():
            return JsonResponse({"id": customer_id})
        return HttpResponse(status=403 if _rows("id = %s", wanted) else 404)


class UnscopedWrite(_Planted):
    """Changes whatever row it is told to."""

    def post(self, request: Any, customer_id: str) -> HttpResponse:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE invoicing_customer SET city = 'x' WHERE id = %s", [ids.decode("cus", customer_id)]
            )
        return HttpResponse(status=204)


class SharedFile(_Planted):
    """Writes an export beside the tenants' folders."""

    def get(self, request: Any) -> HttpResponse:
        target = settings.DATA_DIR / "planted-export.csv"
        target.write_text("\n".join(name for _, name in _rows()), encoding="utf-8")
        return HttpResponse(status=204)


class HeaderTenant(_Planted):
    """Believes a header about the tenant."""

    def get(self, request: Any) -> HttpResponse:
        claimed = [value for value in request.headers.values() if value.startswith("ten_")]
        tenants = [ids.decode("ten", value) for value in claimed]
        return JsonResponse({"names": [name for _, name in _rows("tenant_id = ANY (%s)", tenants)]})


PREFIX = "planted/"
urlpatterns = [
    *config_urls,
    path(f"{PREFIX}list", UnscopedList.as_view()),
    path(f"{PREFIX}count", UnscopedCount.as_view()),
    path(f"{PREFIX}log", LoggedName.as_view()),
    path(f"{PREFIX}cache", SharedCache.as_view()),
    path(f"{PREFIX}oracle/<str:customer_id>", ExistenceOracle.as_view()),
    path(f"{PREFIX}write/<str:customer_id>", UnscopedWrite.as_view()),
    path(f"{PREFIX}file", SharedFile.as_view()),
    path(f"{PREFIX}header", HeaderTenant.as_view()),
]
