"""Whether this process lives, and whether it can serve."""

from django.core.cache import cache
from django.db import DatabaseError, connections
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

# What a request cannot do without. Redis is disposable: without it answers are slower, not wrong.
_DATABASES = ("default", "audit")


@require_safe
def live(request: HttpRequest) -> HttpResponseBase:
    """200 as long as the process answers at all."""
    return _answer({"status": "ok"})


@require_safe
def ready(request: HttpRequest) -> HttpResponseBase:
    """200 where both databases answer, else 503 with Retry-After; names no host and no error."""
    parts = {name: _database_answers(name) for name in _DATABASES}
    serving = all(parts.values())
    parts["cache"] = _cache_answers()
    shown = {name: "ok" if answers else "down" for name, answers in parts.items()}
    return _answer(
        {"status": "ok" if serving else "unavailable", "parts": shown}, status=200 if serving else 503
    )


def _database_answers(alias: str) -> bool:
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        connections[alias].close()
        return False
    return True


def _cache_answers() -> bool:
    try:
        cache.get("health")
    except (RedisError, OSError):
        return False
    return True


def _answer(body: dict[str, object], status: int = 200) -> JsonResponse:
    response = JsonResponse(body, status=status)
    response["Cache-Control"] = "no-store"
    if status == 503:
        response["Retry-After"] = "5"
    return response


urlpatterns: list[URLPattern] = [
    path("health/live", live, name="health-live"),
    path("health/ready", ready, name="health-ready"),
]
