"""What v2 takes for a party, seller or buyer (EN 16931 BG-4, BG-7)."""

from typing import Annotated

from msgspec import Meta

from tenants.http.values import Body, CountryCode, line, shape

Scheme = Annotated[str, shape("[0-9]{4}|[A-Z]{2}", "Expected an EAS code such as 0088 or EM.")]

Register = Annotated[str, shape("[0-9]{4}", "Expected an ISO 6523 code such as 0002 or 0088.")]

PaymentDays = Annotated[
    int,
    Meta(ge=0, le=999, extra={"code": "out-of-range", "detail": "Expected a number of days from 0 to 999."}),
]


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
