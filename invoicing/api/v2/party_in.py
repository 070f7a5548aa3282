"""What v2 takes for a party, seller or buyer (EN 16931 BG-4, BG-7)."""

from typing import Annotated, Literal

from msgspec import Meta

from tenants.http.values import Body, CountryCode, line, shape

Scheme = Annotated[str, shape("[0-9]{4}|[A-Z]{2}", "Expected an EAS code such as 0088 or EM.")]

Register = Annotated[str, shape("[0-9]{4}", "Expected an ISO 6523 code such as 0002 or 0088.")]

PaymentDays = Annotated[
    int,
    Meta(ge=0, le=999, extra={"code": "out-of-range", "detail": "Expected a number of days from 0 to 999."}),
]


def _up_to(most: int, *, least: int = 0) -> Meta:
    detail = f"Expected a whole number from {least} to {most}."
    return Meta(ge=least, le=most, extra={"code": "out-of-range", "detail": detail})


class DueRuleIn(Body, kw_only=True):
    """Payment terms that a due date is computed from; a month that is too short counts with its last day.

    `net`: months and days after the issue date. `end_of_month`: days after the end of its month.
    `net_end_of_month`: the end of the month that lies days after it. `working_days`: so many days that are
    no weekend and no public holiday in the legal entity's country. `day_of_month`: `day` of the month
    `months` later. `roll` moves a due date that is no working day.
    """

    kind: Literal["net", "end_of_month", "net_end_of_month", "working_days", "day_of_month"]
    days: Annotated[int, _up_to(999)] | None = None
    months: Annotated[int, _up_to(24)] | None = None
    day: Annotated[int, _up_to(31, least=1)] | None = None
    roll: Literal["none", "following", "preceding"] | None = None


class PartyIn(Body, kw_only=True):
    """A name and a country; null stands for what is not given.

    The address is the postal one (BG-5, BG-8). `vat_id` is checked by the rules of its country and kept
    without separators; `registration_id` (BT-30, BT-47) by its ISO 6523 scheme, else by the register of
    its country where its rules are known; `electronic_address` (BT-34, BT-49) goes with its EAS scheme.
    """

    name: Annotated[str, line(200)]
    country: CountryCode
    vat_id: Annotated[str, line(30)] | None = None
    registration_id: Annotated[str, line(50)] | None = None
    registration_scheme: Register | None = None
    email: Annotated[str, line(254)] | None = None
    phone: Annotated[str, line(50)] | None = None
    address_line: Annotated[str, line(200)] | None = None
    address_extra: Annotated[str, line(200)] | None = None
    address_line_3: Annotated[str, line(200)] | None = None
    postal_code: Annotated[str, line(20)] | None = None
    city: Annotated[str, line(100)] | None = None
    region: Annotated[str, line(100)] | None = None
    electronic_address: Annotated[str, line(200)] | None = None
    electronic_address_scheme: Scheme | None = None
