"""What the shell's navigation leads to. Packages above register their entries beside their routes."""

from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse

from tenants.actors import Actor
from tenants.capabilities import ALL


@dataclass(frozen=True, slots=True)
class Entry:
    """A page whose route is called `route`, for those who have `capability`."""

    label: str
    route: str
    capability: str


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as one visitor sees it; `is_here` on the pages below it."""

    label: str
    path: str
    is_here: bool


_entries: list[Entry] = []


def register(entry: Entry) -> None:
    """Add an entry behind those there are. Raises ImproperlyConfigured for one that could never show."""
    if entry.capability not in ALL:
        raise ImproperlyConfigured(f"navigation: there is no capability {entry.capability!r}")
    if any(known.route == entry.route for known in _entries):
        raise ImproperlyConfigured(f"navigation: two entries for {entry.route}")
    _entries.append(entry)


def links(actor: Actor | None, path: str) -> list[Link]:
    """The entries that an actor may follow, as seen from the page at `path`."""
    if actor is None:
        return []
    found = [(entry.label, reverse(entry.route)) for entry in _entries if actor.can(entry.capability)]
    return [Link(label, target, f"{path}/".startswith(f"{target}/")) for label, target in found]
