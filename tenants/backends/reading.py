"""From what a tenant wrote to the settings of a backend, naming every fault at once."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from tenants.errors import FieldError

_PATH = re.compile(r"\.([^.\[]+)|\[(\d+)\]")


def read_settings(
    kind: type[msgspec.Struct], given: Mapping[str, Any]
) -> tuple[msgspec.Struct | None, list[FieldError]]:
    """`given` as `kind`, or None and the faults, with pointers below /settings. Nothing is bent."""
    try:
        return msgspec.convert(dict(given), kind), []
    except msgspec.ValidationError as error:
        whole = str(error)
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    faults = [
        FieldError(f"/settings/{_escaped(name)}", "unknown-field", "There is no such setting.")
        for name in given
        if name not in fields
    ]
    for name, field in fields.items():
        if name in given:
            faults += _faults_of(field.type, given[name], f"/settings/{name}")
        elif field.required:
            faults.append(FieldError(f"/settings/{name}", "missing", "This setting is required."))
    return None, faults or [FieldError("/settings", "invalid", _message(whole))]


def _faults_of(annotation: Any, value: Any, pointer: str) -> list[FieldError]:
    try:
        msgspec.convert(value, annotation)
    except msgspec.ValidationError as error:
        _, _, path = str(error).partition(" - at `$")
        steps = "".join(
            f"/{_escaped(name or index)}" for name, index in _PATH.findall(path.removesuffix("`"))
        )
        return [FieldError(pointer + steps, "invalid", _message(str(error)))]
    return []


def _message(text: str) -> str:
    return text.partition(" - at `")[0].replace("`", "") + "."


def _escaped(name: str) -> str:
    """As a step of a JSON Pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")
