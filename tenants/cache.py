"""Answers kept in Redis, which may be emptied or killed at any time and costs only time.

Key scheme: `{tenant}:{entity}:{hash(filters)}:{permission hash}`, with the entity's generation stored
in the value. `bump(entity)` gives the entity a new generation when the transaction commits, and every
older value is as good as gone. A reader that was computing meanwhile stores its value under the
generation it began with, so a stale value is never taken for a fresh one.

What Redis cannot promise is bounded by the time to live: a bump that found Redis dead is lost, and
values from before it can reappear until they expire. Hence no tier above ten minutes, and nothing of
record in here.
"""

import functools
import hashlib
import inspect
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Generic, Literal, ParamSpec, TypeVar, get_type_hints

import msgspec
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django_redis import get_redis_connection
from redis.exceptions import RedisError
from rest_framework.response import Response

from tenants import scope
from tenants.http.rendering import JSONBytes, to_json

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")
_DEAD_SECONDS = 2.0
_GENERATION_BYTES = 8
_GENERATION_TTL = 24 * 3600


class Tier(IntEnum):
    """How long an answer may be kept, in seconds."""

    HOT = 5
    WARM = 60
    COLD = 600


@dataclass(frozen=True, slots=True)
class Served(Generic[T]):
    """An answer and where it came from, as analytics tell their callers (`served_from`)."""

    value: T
    served_from: Literal["cache", "computed"]


class _Health:
    """Whether Redis answered lately; a dead one is not asked again for two seconds."""

    def __init__(self) -> None:
        self.dead_until = 0.0

    def failed(self, error: Exception) -> None:
        self.dead_until = time.monotonic() + _DEAD_SECONDS
        logger.warning("cache unavailable: %s", type(error).__name__)

    @property
    def is_up(self) -> bool:
        return time.monotonic() >= self.dead_until


_health = _Health()


def key_of(entity: str, filters: object, *, per_actor: bool = False) -> str:
    """The key of an answer in this scope. Raises NoScope outside a tenant's scope.

    `filters` is anything JSON can say. The permission hash covers role, capabilities and legal
    entities, or the very actor where an answer depends on who asks.
    """
    actor = scope.current().actor
    rights: object = [actor.role, sorted(actor.capabilities), sorted(map(str, actor.legal_entities))]
    if per_actor:
        rights = [actor.label, rights]
    return f"{scope.require_tenant_id()}:{entity}:{_hash(filters)}:{_hash(rights)}"


def bump(entity: str) -> None:
    """Forget all answers about `entity` in this tenant, once the transaction has committed."""
    key = _generation_key(entity)
    transaction.on_commit(lambda: _set_generation(key))


def cached(
    entity: str, ttl: int = Tier.WARM, *, per_actor: bool = False
) -> Callable[[Callable[P, T]], "CachedFunction[P, T]"]:
    """Keep what a function returns; its arguments are the filters and must be what JSON can say.

    The return annotation must be a type msgspec can write and read back (dataclass, struct, Decimal,
    date, UUID, containers of them): that is how a hit has the very type of a miss. Such a function
    must return the same for the same tenant, arguments and rights.
    """

    def decorate(function: Callable[P, T]) -> CachedFunction[P, T]:
        return CachedFunction(function, entity, int(ttl), per_actor=per_actor)

    return decorate


class CachedFunction(Generic[P, T]):
    """A function behind the cache: call it as before, or `fetch` to learn where the answer came from."""

    def __init__(self, function: Callable[P, T], entity: str, ttl: int, *, per_actor: bool) -> None:
        functools.update_wrapper(self, function)
        self._function, self._entity, self._ttl, self._per_actor = function, entity, ttl, per_actor
        self._signature = inspect.signature(function)
        self._name = f"{function.__module__}.{function.__qualname__}"

    @functools.cached_property
    def _decoder(self) -> msgspec.msgpack.Decoder[T]:
        # Not at import: the annotation may name what is defined further down.
        return msgspec.msgpack.Decoder(get_type_hints(self._function)["return"])

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.fetch(*args, **kwargs).value

    def fetch(self, *args: P.args, **kwargs: P.kwargs) -> Served[T]:
        """The answer and its origin; errors are those of the function, never of the cache."""
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        key = key_of(self._entity, [self._name, bound.arguments], per_actor=self._per_actor)
        generation, stored = _read(self._entity, key)
        if stored is not None:
            try:
                return Served(self._decoder.decode(stored), "cache")
            except msgspec.DecodeError:
                # Written by another release whose type differed.
                logger.info("unreadable cache value: %s", self._name)
        value = self._function(*args, **kwargs)
        _write(key, generation, msgspec.msgpack.encode(value), self._ttl)
        return Served(value, "computed")


def cached_response(
    entity: str, ttl: int = Tier.WARM, *, per_actor: bool = False
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Keep the 200 answers of a view's `get`: path, query and version are the filters.

    Stands on the method, so that authentication and permissions come first. Says in
    `X-Served-From` where the answer came from.
    """

    def decorate(get: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @functools.wraps(get)
        def wrapped(view: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            query = sorted((name, values) for name, values in request.GET.lists())
            key = key_of(entity, [request.path_info, query], per_actor=per_actor)
            generation, stored = _read(entity, key)
            if stored is not None:
                return JSONBytes(stored, headers={"X-Served-From": "cache"})
            response = get(view, request, *args, **kwargs)
            content = _content_of(response)
            if content is not None:
                _write(key, generation, content, int(ttl))
                response.headers["X-Served-From"] = "computed"
            return response

        return wrapped

    return decorate


def _content_of(response: HttpResponseBase) -> bytes | None:
    if response.status_code != 200:
        return None
    if isinstance(response, JSONBytes):
        return response.content
    return to_json(response.data) if isinstance(response, Response) else None


def _hash(value: object) -> str:
    # Mappings in any order are the same filters.
    plain = msgspec.to_builtins(value, enc_hook=str)
    written = msgspec.json.encode(_ordered(plain))
    return hashlib.blake2b(written, digest_size=12).hexdigest()


def _ordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _ordered(value[name]) for name in sorted(value)}
    return [_ordered(inner) for inner in value] if isinstance(value, list | tuple) else value


def _generation_key(entity: str) -> str:
    return f"{scope.require_tenant_id()}:{entity}:generation"


def _set_generation(key: str) -> bytes | None:
    """A new generation, drawn at random so that one from before an eviction can never come again."""
    generation = secrets.token_bytes(_GENERATION_BYTES)
    try:
        get_redis_connection("default").set(key, generation, ex=_GENERATION_TTL)
    except (RedisError, OSError) as error:
        _health.failed(error)
        return None
    return generation


def _read(entity: str, key: str) -> tuple[bytes | None, bytes | None]:
    """The entity's generation and the value stored under it, None where absent; one round trip."""
    if not _health.is_up:
        return None, None
    generation_key = _generation_key(entity)
    try:
        redis = get_redis_connection("default")
        generation, stored = redis.mget(generation_key, key)
        if generation is None:
            # Not `set`: of two readers that find none, both must go on with the same.
            redis.set(generation_key, secrets.token_bytes(_GENERATION_BYTES), nx=True, ex=_GENERATION_TTL)
            return redis.get(generation_key), None
    except (RedisError, OSError) as error:
        _health.failed(error)
        return None, None
    if stored is None or stored[:_GENERATION_BYTES] != generation:
        return generation, None
    return generation, stored[_GENERATION_BYTES:]


def _write(key: str, generation: bytes | None, content: bytes, ttl: int) -> None:
    if generation is None or not _health.is_up:
        return
    try:
        get_redis_connection("default").set(key, generation + content, ex=ttl)
    except (RedisError, OSError) as error:
        _health.failed(error)
