"""One effect for any number of equal requests (invariant 7)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import blake2b

from django.db import transaction

from tenants import ids
from tenants.errors import DomainError, Kind
from tenants.scope import current, require_tenant_id
from tenants.statements import idempotency as statements
from tenants.statements.idempotency import Claim

KEPT = timedelta(hours=24)
PURGE_BATCH = 10_000
RETRY_AFTER_SECONDS = 1


class KeyInFlight(DomainError):
    """A request with this Idempotency-Key is being carried out; ask again for its answer."""

    kind, code = Kind.CONFLICT, "idempotency-key-in-flight"


class KeyReused(DomainError):
    """This Idempotency-Key was used for another request; an equal one would get the stored answer."""

    kind, code = Kind.UNPROCESSABLE, "idempotency-key-reused"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it is kept: status, the few headers that belong to it, and the exact bytes."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    is_replayed: bool = False


@transaction.atomic
def once(*, method: str, route: str, key: str, fingerprint: bytes, perform: Callable[[], Answer]) -> Answer:
    """Carry out `perform` and keep its answer in one transaction, or return the answer kept before.

    Keys are the current actor's own, for one method and route. Only answers of 2xx are kept; another
    one, or an exception, undoes everything and frees the key. `fingerprint` is the SHA-256 of what was
    sent. Raises KeyInFlight, KeyReused.
    """
    claim = _claim(method=method, route=route, key=key, fingerprint=fingerprint)
    known = statements.begin(claim, kept=KEPT)
    if not known.is_ours:
        if known.status is None:
            raise KeyInFlight(retry_after=RETRY_AFTER_SECONDS)
        if known.fingerprint != fingerprint:
            raise KeyReused
        return Answer(known.status, known.body, known.headers, is_replayed=True)
    answer = perform()
    if 200 <= answer.status < 300:
        statements.keep(claim, status=answer.status, headers=dict(answer.headers), body=answer.body)
    else:
        transaction.set_rollback(True)
    return answer


def purge_expired() -> int:
    """Forget the keys of all tenants whose time is over; returns how many."""
    total = 0
    while deleted := statements.purge(at_most=PURGE_BATCH):
        total += deleted
    return total


def _claim(*, method: str, route: str, key: str, fingerprint: bytes) -> Claim:
    tenant_id, actor = require_tenant_id(), current().actor.label
    whole = "\0".join((str(tenant_id), actor, method, route, key))
    lock = int.from_bytes(blake2b(whole.encode(), digest_size=8).digest(), "big", signed=True)
    return Claim(ids.uuid7(), tenant_id, actor, method, route, key, fingerprint, lock)
