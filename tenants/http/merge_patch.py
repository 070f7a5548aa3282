"""JSON merge patch (RFC 7396): how PATCH bodies of both versions are read."""

from typing import Any

from tenants.domain.merging import merge
from tenants.errors import FieldError, InvalidInput
from tenants.http.strictjson import child


def merged(target: dict[str, Any], patch: Any) -> dict[str, Any]:
    """`target` with `patch` merged in, both JSON values; neither is changed.

    A null removes a member, objects merge member by member, anything else (lists too) replaces.
    `target` has every member that a patch may name. Raises InvalidInput for a patch that removes
    others, and for one that is no object: it would replace the whole resource.
    """
    if not isinstance(patch, dict):
        raise InvalidInput([FieldError("", "wrong-type", "Expected an object.")])
    unknown = [name for name, value in patch.items() if value is None and name not in target]
    if unknown:
        # What it sets is refused with the body it leads to; what it removes would not be seen there.
        detail = "There is no such field, or it is not yours to set."
        raise InvalidInput([FieldError(child("", name), "unknown-field", detail) for name in unknown])
    return merge(target, patch)
