"""Query strings as typed input: an allow-list by construction.

A list view declares its parameters as a `Body` struct (a field per filter) and calls `parse_query`.
What is not declared, given twice, or not of its type is refused under the pointer "?name".
"""

import re
from collections.abc import Hashable, Mapping
from dataclasses import replace
from functools import lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, cast, get_args, get_origin

import msgspec
from django.http import QueryDict

from tenants.errors import FieldError, InvalidInput
from tenants.http.parsing import convert
from tenants.http.strictjson import clean_text

T = TypeVar("T")

_MEMBER = re.compile(r"([a-z_]+)\[(.*)\]", re.DOTALL)
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_FLAGS = {"true": True, "1": True, "false": False, "0": False}


def parse_query(parameters: QueryDict, into: type[T]) -> T:
    """The query string as `into`, a `Body` struct of texts, numbers, flags, dates and literals.

    A member that is an object is given key by key: `?metadata[project]=apollo`. An empty value (`?q=`)
    is the same as none. Raises InvalidInput with every fault.
    """
    found: list[FieldError] = []
    given: dict[str, Any] = {}
    kinds = _kinds(cast(Hashable, into))
    for name, values in parameters.lists():
        place = "?" + name
        member = _MEMBER.fullmatch(name)
        base = name if member is None else member[1]
        kind = kinds.get(base)
        if kind is None or (get_origin(kind) is dict) != (member is not None):
            found.append(FieldError(place, "unknown-parameter", "There is no such parameter here."))
        elif len(values) > 1:
            found.append(FieldError(place, "repeated-parameter", "The parameter is given more than once."))
        elif values[0]:
            try:
                text = clean_text(values[0], place)
                if member is None:
                    given[name] = _read(text, kind, place)
                else:
                    given.setdefault(base, {})[clean_text(member[2], place)] = text
            except InvalidInput as error:
                found += error.errors
    try:
        parsed = convert(given, into)
    except InvalidInput as error:
        found += [replace(fault, pointer=_place(fault.pointer)) for fault in error.errors]
    if found:
        known = {fault.pointer: fault for fault in reversed(found)}
        raise InvalidInput(list(reversed(known.values())))
    return parsed


def _place(pointer: str) -> str:
    name, *members = (step.replace("~1", "/").replace("~0", "~") for step in pointer[1:].split("/"))
    return "?" + name + "".join(f"[{member}]" for member in members)


def _read(text: str, kind: Any, place: str) -> Any:
    """Whole numbers and flags, which msgspec would read too generously; the rest stays text."""
    if kind is bool:
        if text not in _FLAGS:
            raise InvalidInput([FieldError(place, "not-a-flag", "Expected true or false.")])
        return _FLAGS[text]
    if kind is int:
        if not _INTEGER.fullmatch(text):
            raise InvalidInput([FieldError(place, "not-an-integer", "Expected a whole number.")])
        return int(text)
    return text


@lru_cache(maxsize=256)
def _kinds(into: Any) -> Mapping[str, Any]:
    return {field.encode_name: _bare(field.type) for field in msgspec.structs.fields(into)}


def _bare(annotation: Any) -> Any:
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        real = [o for o in get_args(annotation) if o not in (NoneType, msgspec.UnsetType)]
        return _bare(real[0]) if len(real) == 1 else annotation
    return annotation
