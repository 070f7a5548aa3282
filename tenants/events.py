"""What happened that is not a row change: a login, a refusal, an export.

The floor publishes, packages above subscribe: the one place where the floor speaks upward. The trail
must be listening, so publishing to nobody is an error and a system check finds it earlier.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.core import checks


@dataclass(frozen=True, slots=True)
class Event:
    """`name` is `noun.verb` (`login.refused`), `entity_type` and `record_id` say what it is about.

    `entity_type` is a model label in lower case (`tenants.session`); `record_id` is the id as text
    and may be empty where there is no record, as for a login under an unknown name. `data` is kept
    in the trail: JSON values, Decimal, UUID, date and datetime; never a secret. Tenant, actor and
    request id are those of the current scope and cannot be given here.
    """

    name: str
    entity_type: str
    record_id: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


class Subscriber(Protocol):
    """Takes every event. `refusal` asks that it outlive a rollback of the current transaction."""

    def __call__(self, *, event: Event, refusal: bool) -> None: ...


class NobodyListens(RuntimeError):
    """An event was published before anybody subscribed: it would be missing in the trail."""


_subscribers: list[Subscriber] = []


def subscribe(subscriber: Subscriber) -> None:
    """Pass every later event to `subscriber`; subscribing twice counts once."""
    if subscriber not in _subscribers:
        _subscribers.append(subscriber)


def publish(event: Event, *, refusal: bool = False) -> None:
    """Hand `event` to all subscribers before returning.

    The event of a success belongs to the current transaction and vanishes with it. A `refusal` is
    written in a short transaction of its own, because the one of the refused request rolls back.
    Raises NobodyListens.
    """
    if not _subscribers:
        raise NobodyListens(event.name)
    for subscriber in _subscribers:
        subscriber(event=event, refusal=refusal)


def check_somebody_listens(**_: Any) -> Sequence[checks.CheckMessage]:
    """System check: without a subscriber no login or refusal would reach the trail."""
    if _subscribers:
        return []
    return [checks.Error("Nobody subscribes to tenants.events.", id="tenants.E001")]
