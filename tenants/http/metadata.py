"""Keys and values of the tenant's own on a record, as both versions take them.

The limits are Stripe's: 50 keys of 40 characters with values of 500. A value is a text and never empty,
so that a filter can ask for each; null takes a key out.
"""

from typing import Annotated, Any, Final

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import Direction
from msgspec import Meta
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from tenants.domain.merging import merge
from tenants.errors import InvalidInput
from tenants.http.parsing import convert

MOST_KEYS: Final = 50
LONGEST_KEY: Final = 40
LONGEST_VALUE: Final = 500

_NOT_A_KEY = {
    "code": "not-a-key",
    "detail": f"Expected a key of 1 to {LONGEST_KEY} characters without brackets or line breaks.",
}
_NOT_A_VALUE = {"code": "not-a-value", "detail": f"Expected a text of 1 to {LONGEST_VALUE} characters."}
_TOO_MANY = {"code": "too-many-keys", "detail": f"Expected at most {MOST_KEYS} keys."}
Key = Annotated[
    str, Meta(min_length=1, max_length=LONGEST_KEY, pattern=r"^[^\[\]\n\r\t]*\Z", extra=_NOT_A_KEY)
]
Value = Annotated[str, Meta(min_length=1, max_length=LONGEST_VALUE, extra=_NOT_A_VALUE)]
Metadata = Annotated[dict[Key, Value], Meta(max_length=MOST_KEYS, extra=_TOO_MANY)]


class MetadataField(serializers.Field[Any, Any, dict[str, str], Any]):
    """The same for REST framework's serializers.

    In a merge patch (a partial serializer with the record as its instance) the members are merged into
    what the record says, and null takes one out.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, allow_null=True, **kwargs)

    def to_internal_value(self, data: Any) -> dict[str, str]:
        if self.root.partial and isinstance(data, dict):
            data = merge(getattr(self.root.instance, "metadata", {}), data)
        try:
            return convert(data, Metadata)
        except InvalidInput as error:
            # A tree of messages, as REST framework has it; the fault of the whole has no key.
            faults: dict[str, list[ErrorDetail]] = {}
            for fault in error.errors:
                name = fault.pointer.removeprefix("/") or "non_field_errors"
                faults.setdefault(name, []).append(ErrorDetail(fault.detail, code=fault.code))
            raise ValidationError(faults) from None

    def to_representation(self, value: dict[str, str]) -> dict[str, str]:
        return value


class MetadataSchema(OpenApiSerializerFieldExtension):
    target_class = "tenants.http.metadata.MetadataField"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        del auto_schema, direction
        return {
            "type": "object",
            "maxProperties": MOST_KEYS,
            "propertyNames": {"minLength": 1, "maxLength": LONGEST_KEY},
            "additionalProperties": {"type": "string", "minLength": 1, "maxLength": LONGEST_VALUE},
        }
