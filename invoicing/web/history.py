"""Entries of the trail in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audit.selectors import EntryRecord

_OPERATIONS = {"insert": "Created", "update": "Changed", "delete": "Deleted"}
# They change with every change and tell nothing more.
_SILENT = frozenset({"updated_at", "created_at", "version", "id", "tenant_id"})
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Change:
    """One column before and after."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Happening:
    """One entry: what was done by whom and when. `who` is a name where there is one, else the label."""

    what: str
    who: str
    when: datetime
    changes: tuple[Change, ...]
    request_id: str


def told(entry: EntryRecord, names: Mapping[str, str]) -> Happening:
    """`names` are those of actors by their label."""
    operation = entry.operation.lower()
    changes: tuple[Change, ...] = ()
    if operation == "update":
        changes = tuple(
            Change(name.removesuffix("_id").replace("_", " "), _shown(old), _shown(new))
            for name, (old, new) in entry.diff.items()
            if name not in _SILENT
        )
    what = _OPERATIONS.get(operation) or _event(entry.operation)
    states = entry.diff.get("state")
    if operation == "update" and states and states[1] in ("issued", "voided"):
        what = str(states[1]).capitalize()
    who = names.get(entry.modified_by, entry.modified_by)
    return Happening(what, who, entry.created_at, changes, entry.request_id)


def _event(name: str) -> str:
    """`invoice.paid` is "Paid" in the history of an invoice."""
    return name.rpartition(".")[2].replace("_", " ").replace("-", " ").capitalize()


def _shown(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, dict | list):
        return "(details)"
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
