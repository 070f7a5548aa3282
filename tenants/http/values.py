"""Types for what a body may hold, to be used in the annotations of `Body` structs.

Decimals are written as JSON strings or integers, in plain ASCII digits, and are never rounded:
a digit too many is a fault. Each class below says how many digits it takes; how many decimals a
currency has is a rule of invoicing, not of the format.
"""

import re
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Self, TypeVar
from uuid import UUID

import msgspec
from msgspec import Meta

from tenants import ids

D = TypeVar("D", bound="PlainDecimal")

_PLAIN = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")


class Body(msgspec.Struct, forbid_unknown_fields=True):
    """What a request may say; a name that is not declared is refused, not ignored.

    msgspec hands `kw_only` down to no subclass: each says `class InvoiceIn(Body, kw_only=True)`.
    """


class BadValue(ValueError):
    """A text that is not of its type; `code` is for programs, the message for people."""

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        super().__init__(detail)


class PlainDecimal(Decimal):
    """A decimal that came from outside: at most `whole` digits before the point, `places` after it."""

    whole: ClassVar[int] = 15
    places: ClassVar[int] = 4
    _accepted: ClassVar[re.Pattern[str]]

    def __init_subclass__(cls) -> None:
        cls._accepted = re.compile(cls.pattern())

    @classmethod
    def pattern(cls) -> str:
        return rf"-?(0|[1-9][0-9]{{0,{cls.whole - 1}}})(\.[0-9]{{1,{cls.places}}})?"

    @classmethod
    def parse(cls, value: Any) -> Self:
        """Read a JSON string or integer. Raises BadValue for anything but plain digits in bounds."""
        text = str(value) if type(value) is int else value
        if type(text) is not str:
            raise BadValue("wrong-type", 'Expected a decimal number as a string, such as "119.00".')
        if not cls._accepted.fullmatch(text):
            raise cls._reason_against(text)
        number = cls(text)
        # A zero has no sign: "-0.00" would be stored and printed as it came.
        return number if number or text[0] != "-" else cls(text[1:])

    @classmethod
    def _reason_against(cls, text: str) -> BadValue:
        match = _PLAIN.fullmatch(text)
        if match is None:
            return BadValue(
                "not-a-decimal", 'Expected plain digits with an optional point, such as "119.00".'
            )
        if len(match[1]) > cls.whole:
            return BadValue("too-large", f"At most {cls.whole} digits before the decimal point.")
        return BadValue("too-many-decimals", f"At most {cls.places} decimal places.")

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """Its JSON schema, for the OpenAPI document."""
        return {
            "type": ["string", "integer"],
            "pattern": f"^{cls.pattern()}$",
            "examples": ["119.00"],
        }


class Amount(PlainDecimal):
    """Money in major units of some currency; fits numeric(19,4)."""


class Price(PlainDecimal):
    """Money for one unit, kept as it was written (EN 16931 BT-146 has no limit; 15 places were seen)."""

    places = 15


class Quantity(PlainDecimal):
    """A number of units, kept as it was written."""

    places = 12


class Rate(PlainDecimal):
    """A tax rate in percent: 19 is 19 %."""

    whole, places = 3, 4


class Percent(PlainDecimal):
    """An allowance or charge in percent; a little finer than a tax rate."""

    whole, places = 3, 6


class Reference(UUID):
    """A public id in a body, read into the UUID it names: `class CustomerId(Reference): prefix = "cus"`."""

    prefix: ClassVar[str]

    @classmethod
    def parse(cls, value: Any) -> Self:
        """Raises BadValue for anything but a canonical id with the prefix."""
        if type(value) is not str:
            raise BadValue("wrong-type", "Expected an id as a string.")
        try:
            return cls(int=ids.decode(cls.prefix, value).int)
        except ids.InvalidId:
            raise BadValue(
                "malformed", f"Expected an id such as {cls.prefix}_… with 26 characters."
            ) from None

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """Its JSON schema, for the OpenAPI document."""
        return {"type": "string", "pattern": f"^{cls.prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$"}


def default(number: D) -> D:
    """`base_quantity: Quantity = default(Quantity(1))`: msgspec cannot describe a bare default of these."""
    made: D = msgspec.field(default_factory=lambda: number)
    return made


def line(max_length: int, *, blank: bool = False) -> Meta:
    """One line of text: no line feed, carriage return or tab, and something to be seen in it.

    Usage: `name: Annotated[str, line(200)]`. With `blank` the empty text is taken as well.
    """
    visible = r"^[^\n\r\t]*$" if blank else r"^ *[^\s][^\n\r\t]*$"
    suffix = "" if blank else ", not blank"
    return Meta(
        min_length=0 if blank else 1,
        max_length=max_length,
        pattern=visible.replace("$", r"\Z"),
        extra={
            "code": "not-a-line",
            "detail": f"Expected one line of at most {max_length} characters{suffix}.",
        },
        extra_json_schema={"pattern": visible},
    )


def prose(max_length: int) -> Meta:
    """Text of several lines, possibly empty."""
    return Meta(
        max_length=max_length,
        extra={"code": "too-long", "detail": f"Expected at most {max_length} characters."},
    )


def shape(pattern: str, detail: str) -> Meta:
    """A text of a fixed form; `pattern` must match all of it."""
    return Meta(
        pattern=rf"\A(?:{pattern})\Z",
        extra={"code": "malformed", "detail": detail},
        extra_json_schema={"pattern": f"^({pattern})$"},
    )


Text = Annotated[str, line(200)]
ShortText = Annotated[str, line(64)]
Prose = Annotated[str, prose(4000)]
PublicIdText = Annotated[
    str, shape("[a-z]{2,8}_[0-7][0-9a-hjkmnp-tv-z]{25}", "Expected an id such as inv_… with 26 characters.")
]
CurrencyCode = Annotated[str, shape("[A-Z]{3}", "Expected an ISO 4217 code such as EUR.")]
CountryCode = Annotated[str, shape("[A-Z]{2}", "Expected an ISO 3166 code such as DE.")]
Count = Annotated[
    int,
    Meta(
        ge=0,
        le=2_147_483_647,
        extra={"code": "out-of-range", "detail": "Expected a whole number from 0 to 2147483647."},
    ),
]


def decode_value(annotation: type, value: Any) -> Any:
    """msgspec's hook for the classes of this module."""
    if issubclass(annotation, PlainDecimal | Reference):
        return annotation.parse(value)
    raise NotImplementedError(f"no reader for {annotation}")


def schema_of_value(annotation: type) -> dict[str, Any]:
    """msgspec's hook for the JSON schemas of the classes of this module."""
    if issubclass(annotation, PlainDecimal | Reference):
        return annotation.schema()
    raise NotImplementedError(f"no schema for {annotation}")
