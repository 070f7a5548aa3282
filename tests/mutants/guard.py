"""What a guard of the product is: the edit that removes it and the tests that must notice.

An edit replaces exact text of one file; one that no longer applies is reported, so that the tables cannot
rot in silence.
"""

from dataclasses import dataclass

Edit = tuple[str, str, str]


@dataclass(frozen=True)
class Guard:
    """`edits` are (path, text, replacement); `tests` are what pytest is given, one of them must fail."""

    name: str
    edits: tuple[Edit, ...]
    tests: tuple[str, ...]


def cut(path: str, text: str) -> tuple[Edit, ...]:
    """The edit that takes `text` out."""
    return ((path, text, ""),)


def swap(path: str, text: str, by: str) -> tuple[Edit, ...]:
    """The edit that puts something else in its place."""
    return ((path, text, by),)


def guard(name: str, path: str, text: str, replacement: str, *tests: str) -> Guard:
    """A guard that one edit removes."""
    return Guard(name, swap(path, text, replacement), tests)
