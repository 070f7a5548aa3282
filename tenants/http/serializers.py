"""REST framework serializers that refuse what plain ones ignore or bend; for the views off the hot paths."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.functional import cached_property
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from tenants import ids
from tenants.errors import InvalidInput
from tenants.http.strictjson import clean_text
from tenants.http.values import Amount, BadValue, PlainDecimal

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class StrictSerializer(serializers.Serializer[Any]):
    """Unknown and read-only fields are faults of their own, reported beside all others."""

    def to_internal_value(self, data: Any) -> Any:
        surplus = self._surplus(data) if isinstance(data, Mapping) else {}
        try:
            value = super().to_internal_value(data)
        except ValidationError as error:
            if surplus and isinstance(error.detail, dict):
                raise ValidationError({**error.detail, **surplus}) from None
            raise
        if surplus:
            raise ValidationError(surplus)
        return value

    def _surplus(self, data: Mapping[str, Any]) -> dict[str, list[ErrorDetail]]:
        faults: dict[str, list[ErrorDetail]] = {}
        for name in data:
            known = self.fields.get(name)
            if known is None:
                faults[name] = [ErrorDetail("There is no such field.", code="unknown-field")]
            elif known.read_only:
                faults[name] = [ErrorDetail("This field is not yours to set.", code="read-only")]
        return faults


class DecimalText(serializers.Field[Any, Any, str, Any]):
    """A decimal as a JSON string or integer, never a float, never rounded; leaves as a string.

    `kind` is one of the classes of `tenants.http.values` and says how many digits it takes.
    """

    def __init__(self, kind: type[PlainDecimal] = Amount, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind = kind

    def to_internal_value(self, data: Any) -> PlainDecimal:
        try:
            return self.kind.parse(data)
        except BadValue as error:
            raise ValidationError(str(error), code=error.code) from None

    def to_representation(self, value: Any) -> str:
        return format(value, "f")


class MoneyField(DecimalText):
    """An amount in major units of a currency that stands beside it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Amount, **kwargs)


class CleanCharField(serializers.CharField):
    """One line of text: a JSON string (no numbers), in NFC, without control or invisible characters."""

    multiline = False

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        try:
            text = clean_text(data, "")
        except InvalidInput as error:
            raise ValidationError(error.errors[0].detail, code=error.errors[0].code) from None
        if not self.multiline and any(mark in text for mark in "\n\r\t"):
            raise ValidationError("Expected one line of text.", code="not-a-line")
        return super().to_internal_value(text)


class CleanTextField(CleanCharField):
    """The same with several lines."""

    multiline = True


class StrictIntegerField(serializers.IntegerField):
    """A JSON integer within the column (32 bits unless said otherwise); no text, no 1.0, no true."""

    def __init__(
        self, *, min_value: int = -2_147_483_648, max_value: int = 2_147_483_647, **kwargs: Any
    ) -> None:
        super().__init__(min_value=min_value, max_value=max_value, **kwargs)

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return data


class StrictBooleanField(serializers.BooleanField):
    """true or false; not "yes", not 1."""

    def to_internal_value(self, data: Any) -> bool:
        if type(data) is not bool:
            self.fail("invalid", input=data)
        return data


class StrictDateField(serializers.Field[date, Any, str, Any]):
    """`YYYY-MM-DD` in ASCII digits, a day that exists."""

    default_error_messages = {"invalid": "Expected a date as YYYY-MM-DD."}

    def to_internal_value(self, data: Any) -> date:
        if not isinstance(data, str) or not _DATE.fullmatch(data):
            self.fail("invalid")
        try:
            return date.fromisoformat(data)
        except ValueError:
            self.fail("invalid")

    def to_representation(self, value: date) -> str:
        return value.isoformat()


class PublicIdField(serializers.Field[Any, Any, str, Any]):
    """`inv_…` outside, a UUID inside."""

    default_error_messages = {"invalid": "Expected an id such as {prefix}_… with 26 characters."}

    def __init__(self, prefix: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.prefix = prefix

    @cached_property
    def public(self) -> ids.PublicId:
        return ids.PublicId(self.prefix)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid", prefix=self.prefix)
        try:
            return self.public.decode(data)
        except ids.InvalidId:
            self.fail("invalid", prefix=self.prefix)

    def to_representation(self, value: Any) -> str:
        return self.public.encode(value)


def validated(kind: type[StrictSerializer], data: Any) -> dict[str, Any]:
    """The body as `kind` reads it. Raises ValidationError with every fault."""
    serializer = kind(data=data)
    serializer.is_valid(raise_exception=True)
    values: dict[str, Any] = serializer.validated_data
    return values


def page_of(item: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """The shape of a numbered page of v1, for the schema."""
    fields = {
        "items": item(many=True),
        "total": serializers.IntegerField(),
        "page": serializers.IntegerField(),
        "page_size": serializers.IntegerField(),
        "pages": serializers.IntegerField(),
    }
    name = item.__name__.removesuffix("Out").removesuffix("Serializer")
    return inline_serializer(f"{name}ListOut", fields)
