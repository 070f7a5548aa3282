"""JSON merge patch (RFC 7396): how PATCH bodies of both versions are read."""

from typing import Any

from tenants.errors import FieldError, InvalidInput


def merged(target: dict[str, Any], patch: Any) -> dict[str, Any]:
    """`target` with `patch` merged in, both JSON values; neither is changed.

    A null removes a member, objects merge member by member, anything else (lists too) replaces.
    Raises InvalidInput for a patch that is no object: it would replace the whole resource.
    """
    if not isinstance(patch, dict):
        raise InvalidInput([FieldError("", "wrong-type", "Expected an object.")])
    result = dict(target)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict):
            inner = result.get(name)
            result[name] = merged(inner if isinstance(inner, dict) else {}, value)
        else:
            result[name] = value
    return result
