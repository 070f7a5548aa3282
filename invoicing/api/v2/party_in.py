"""What v2 takes for a party, seller or buyer (EN 16931 BG-4, BG-7)."""

from typing import Annotated

from msgspec import Meta

from tenants.http.values import Body, CountryCode, line, shape

Scheme = Annotated[str, shape("[0-9]{4}|[A-Z]{2}", "Expected an EAS code such as 0088 or EM.")]

PaymentDays = Annotated[
    int,
    Meta(ge=0, le=999, extra={"code": "out-of-range", "detail": "Expected a number of days from 0 to 999."}),
]


class PartyIn(Body, kw_only=True):
    """A name and a country; null stands for what is not given.

    `vat_id` is checked by the rules of its country and kept without separators;
    `electronic_address` (BT-34, BT-49) and its scheme go together.
    """

    name: Annotated[str, line(200)]
    country: CountryCode
    vat_id: Annotated[str, line(30)] | None = None
    registration_id: Annotated[str, line(50)] | None = None
    email: Annotated[str, line(254)] | None = None
    phone: Annotated[str, line(50)] | None = None
    address_line: Annotated[str, line(200)] | None = None
    address_extra: Annotated[str, line(200)] | None = None
    postal_code: Annotated[str, line(20)] | None = None
    city: Annotated[str, line(100)] | None = None
    region: Annotated[str, line(100)] | None = None
    electronic_address: Annotated[str, line(200)] | None = None
    electronic_address_scheme: Scheme | None = None
