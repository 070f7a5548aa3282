"""The cache against a real Redis: right when it is there, right when it is empty, right when it is dead."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.http import HttpRequest
from django.test import RequestFactory
from django_redis import get_redis_connection
from pytest_django.fixtures import Settings
from rest_framework.response import Response

from tenants import cache, ids, scope
from tenants.actors import Actor, ActorKind
from tenants.cache import Tier, bump, cached, cached_response, key_of
from tenants.http.rendering import JSONBytes
from tenants.scope import NoScope


@dataclass(frozen=True)
class Revenue:
    day: date
    total: Decimal
    customer: UUID


CALLS: list[str] = []


@cached("invoices", Tier.COLD)
def revenue(*, since: date, currencies: tuple[str, ...] = ("EUR",)) -> list[Revenue]:
    """Revenue, slowly."""
    CALLS.append(str(since))
    return [Revenue(since, Decimal("1.10"), UUID(int=len(currencies)))]


@cached("customers", Tier.HOT)
def failing() -> int:
    CALLS.append("failing")
    raise LookupError("no such customer")


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    CALLS.clear()
    cache._health.dead_until = 0.0
    yield
    cache._health.dead_until = 0.0


def acting(
    tenant_id: UUID | None, *, role: str = "viewer", rights: frozenset[str] = frozenset(), user: int = 1
) -> Any:
    actor = Actor(kind=ActorKind.USER, id=UUID(int=user), role=role, capabilities=rights)
    return scope.enter(scope.Scope(tenant_id, actor))


@pytest.fixture
def acme_id() -> UUID:
    return ids.uuid7()


DAY = date(2026, 11, 20)


def test_a_hit_is_the_miss_again_type_by_type(acme_id: UUID) -> None:
    with acting(acme_id):
        miss = revenue.fetch(since=DAY)
        hit = revenue.fetch(since=DAY)
    assert (miss.served_from, hit.served_from) == ("computed", "cache")
    assert hit.value == miss.value == [Revenue(DAY, Decimal("1.10"), UUID(int=1))]
    assert len(CALLS) == 1
    assert revenue.__doc__ == "Revenue, slowly."


def test_other_arguments_are_another_answer(acme_id: UUID) -> None:
    with acting(acme_id):
        revenue(since=DAY)
        revenue(since=DAY, currencies=("EUR", "USD"))
        assert revenue(since=DAY, currencies=("EUR",)) == revenue(since=DAY)
    assert len(CALLS) == 2


def test_another_tenant_gets_an_answer_of_its_own(acme_id: UUID) -> None:
    for tenant_id in (acme_id, ids.uuid7()):
        with acting(tenant_id):
            assert revenue.fetch(since=DAY).served_from == "computed"
    assert len(CALLS) == 2


def test_other_rights_get_an_answer_of_their_own(acme_id: UUID) -> None:
    with acting(acme_id, rights=frozenset({"a", "b"})):
        first = key_of("invoices", {"x": 1, "y": [2]})
        assert key_of("invoices", {"y": [2], "x": 1}) == first
    with acting(acme_id, rights=frozenset({"b", "a"}), user=2):
        assert key_of("invoices", {"x": 1, "y": [2]}) == first
        assert key_of("invoices", {"x": 1, "y": [2]}, per_actor=True) != first
    for other in (acting(acme_id, rights=frozenset({"a"})), acting(acme_id, role="admin")):
        with other:
            assert key_of("invoices", {"x": 1, "y": [2]}) != first


def test_a_key_names_tenant_entity_filters_and_rights(acme_id: UUID) -> None:
    with acting(acme_id):
        tenant, entity, filters, rights = key_of("invoices", {}).split(":")
    assert (tenant, entity, len(filters), len(rights)) == (str(acme_id), "invoices", 24, 24)


def test_nothing_is_cached_outside_a_tenants_scope() -> None:
    with pytest.raises(NoScope):
        revenue(since=DAY)
    with acting(None), pytest.raises(NoScope):
        revenue(since=DAY)


def test_a_bump_forgets_this_entity_of_this_tenant_only(acme_id: UUID) -> None:
    other = ids.uuid7()
    for tenant_id in (acme_id, other):
        with acting(tenant_id):
            revenue(since=DAY)
    with acting(acme_id):
        bump("customers")
        assert revenue.fetch(since=DAY).served_from == "cache"
        bump("invoices")
        assert revenue.fetch(since=DAY).served_from == "computed"
    with acting(other):
        assert revenue.fetch(since=DAY).served_from == "cache"


def test_a_bump_waits_for_the_commit_and_dies_with_a_rollback(acme_id: UUID) -> None:
    with acting(acme_id):
        revenue(since=DAY)
        with transaction.atomic():
            bump("invoices")
            assert revenue.fetch(since=DAY).served_from == "cache"
        assert revenue.fetch(since=DAY).served_from == "computed"
        with transaction.atomic():
            bump("invoices")
            transaction.set_rollback(True)
        assert revenue.fetch(since=DAY).served_from == "cache"


def test_an_answer_computed_across_a_bump_is_not_kept(acme_id: UUID) -> None:
    @cached("invoices", Tier.COLD)
    def overtaken() -> int:
        bump("invoices")
        return 1

    with acting(acme_id):
        overtaken()
        assert overtaken.fetch().served_from == "computed"


def test_an_error_is_not_kept(acme_id: UUID) -> None:
    with acting(acme_id):
        for _ in range(2):
            with pytest.raises(LookupError):
                failing()
    assert CALLS == ["failing", "failing"]


def test_an_emptied_redis_costs_only_time(acme_id: UUID) -> None:
    with acting(acme_id):
        revenue(since=DAY)
        redis = get_redis_connection("default")
        for key in redis.scan_iter(f"{acme_id}:*"):
            redis.delete(key)
        assert revenue.fetch(since=DAY).served_from == "computed"
        assert revenue.fetch(since=DAY).served_from == "cache"


def test_a_lost_generation_never_brings_an_old_answer_back(acme_id: UUID) -> None:
    with acting(acme_id):
        revenue(since=DAY)
        get_redis_connection("default").delete(f"{acme_id}:invoices:generation")
        assert revenue.fetch(since=DAY).served_from == "computed"


def test_a_value_of_another_shape_is_computed_anew(acme_id: UUID) -> None:
    with acting(acme_id):
        revenue(since=DAY)
        redis = get_redis_connection("default")
        (key,) = [key for key in redis.scan_iter(f"{acme_id}:*") if not key.endswith(b":generation")]
        redis.set(key, redis.get(f"{acme_id}:invoices:generation") + b"\xc1garbage")
        assert revenue.fetch(since=DAY).served_from == "computed"


def test_answers_expire(acme_id: UUID) -> None:
    with acting(acme_id):
        revenue(since=DAY)
        redis = get_redis_connection("default")
        assert all(0 < redis.ttl(key) <= 24 * 3600 for key in redis.scan_iter(f"{acme_id}:*"))
        (key,) = [key for key in redis.scan_iter(f"{acme_id}:*") if not key.endswith(b":generation")]
        assert redis.ttl(key) <= Tier.COLD


@pytest.fixture
def dead_redis(settings: Settings) -> None:
    default = settings.CACHES["default"]
    settings.CACHES = {"default": {**default, "LOCATION": "redis://127.0.0.1:1/0"}}


@pytest.mark.usefixtures("dead_redis")
def test_a_dead_redis_is_no_error_and_is_not_asked_each_time(acme_id: UUID) -> None:
    with acting(acme_id):
        bump("invoices")
        for _ in range(3):
            assert revenue.fetch(since=DAY).served_from == "computed"
        assert not cache._health.is_up
    assert len(CALLS) == 3


class View:
    """A view's `get` as REST framework calls it, behind authentication and permissions."""

    @cached_response("invoices", Tier.WARM)
    def get(self, request: HttpRequest) -> Any:
        CALLS.append(request.get_full_path())
        if request.GET.get("status"):
            return Response({}, status=int(request.GET["status"]))
        if request.GET.get("raw"):
            return JSONBytes(b'{"a":1}')
        return Response({"total": Decimal("1.10")})


def get(path: str) -> Any:
    return View().get(RequestFactory().get(path))


def test_a_response_is_kept_by_path_query_and_rights(acme_id: UUID) -> None:
    with acting(acme_id):
        first, again = get("/api/v2/kpis?a=1&b=2"), get("/api/v2/kpis?b=2&a=1")
        assert first.headers["X-Served-From"] == "computed"
        assert (again.headers["X-Served-From"], again.content) == ("cache", b'{"total":"1.10"}')
        assert get("/api/v1/kpis?a=1&b=2").headers["X-Served-From"] == "computed"
        assert get("/api/v2/kpis?a=1&b=3").headers["X-Served-From"] == "computed"
        assert get("/api/v2/kpis?raw=1").content == get("/api/v2/kpis?raw=1").content == b'{"a":1}'
    with acting(acme_id, role="admin"):
        assert get("/api/v2/kpis?a=1&b=2").headers["X-Served-From"] == "computed"


def test_only_success_is_kept(acme_id: UUID) -> None:
    with acting(acme_id):
        for _ in range(2):
            assert "X-Served-From" not in get("/api/v2/kpis?status=404").headers
    assert len(CALLS) == 2
