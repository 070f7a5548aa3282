"""Whether this process lives, and whether it can serve."""

from django.core.cache import cache
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.views import View
from redis.exceptions import RedisError

from tenants.statements.health import answers

# What a request cannot do without. Redis is disposable: without it answers are slower, not wrong.
_DATABASES = ("default", "audit")


class Live(View):
    """200 as long as the process answers at all."""

    public = True

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return _answer({"status": "ok"})


class Ready(View):
    """200 where both databases answer, else 503 with Retry-After; names no host and no error."""

    public = True

    def get(self, request: HttpRequest) -> HttpResponseBase:
        parts = {name: answers(name) for name in _DATABASES}
        serving = all(parts.values())
        parts["cache"] = _cache_answers()
        shown = {name: "ok" if is_up else "down" for name, is_up in parts.items()}
        status = "ok" if serving else "unavailable"
        return _answer({"status": status, "parts": shown}, code=200 if serving else 503)


def _cache_answers() -> bool:
    try:
        cache.get("health")
    except (RedisError, OSError):
        return False
    return True


def _answer(body: dict[str, object], *, code: int = 200) -> JsonResponse:
    response = JsonResponse(body, status=code)
    response["Cache-Control"] = "no-store"
    if code == 503:
        response["Retry-After"] = "5"
    return response


urlpatterns: list[URLPattern] = [
    path("health/live", Live.as_view(), name="health-live"),
    path("health/ready", Ready.as_view(), name="health-ready"),
]
