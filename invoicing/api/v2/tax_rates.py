"""v2 of tax rates."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from invoicing import models
from invoicing.api.v2.master_data import Json, RecordQuery, shown
from invoicing.api.v2.master_schema import Documented
from invoicing.api.v2.records import RecordDetail, RecordKind, RecordList, RecordReactivation
from invoicing.selectors.catalogue import get_tax_rate, list_tax_rates
from invoicing.services import tax_rates
from tenants.http.values import Body, CountryCode, Rate, line

Category = Literal["S", "Z", "E", "AE", "K", "G", "O", "L", "M", "B"]


class TaxRateIn(Body, kw_only=True):
    """A VAT category (UNCL5305) at a rate in per cent, with its jurisdiction and its first and last day.

    Of one name and jurisdiction no two hold on one day.
    """

    name: Annotated[str, line(100)]
    category: Category
    rate: Rate | None = None
    country: CountryCode | None = None
    region: Annotated[str, line(100)] | None = None
    valid_from: date | None = None
    valid_to: date | None = None


class TaxRateQuery(RecordQuery, kw_only=True):
    """`q` is the beginning of the name, `valid_on` a day on which the rate holds."""

    ordering: Literal["name", "-name", "created_at", "-created_at"] = "name"
    category: Category | None = None
    country: CountryCode | None = None
    region: Annotated[str, line(100)] | None = None
    valid_on: date | None = None


DOCUMENTED = Documented(
    many="tax-rates",
    one="a tax rate",
    query=TaxRateQuery,
    new=TaxRateIn,
    patch=TaxRateIn,
    example={
        "name": "Germany, standard",
        "category": "S",
        "rate": "19",
        "country": "DE",
        "valid_from": "2021-01-01",
    },
    change_example={"valid_to": "2026-12-31"},
)


def _out(rate: models.TaxRate) -> Json:
    return shown(rate, TaxRateIn)


KIND = RecordKind(
    documented=DOCUMENTED,
    prefix="tax",
    name="tax_rate_id",
    find=get_tax_rate,
    list=list_tax_rates,
    create=tax_rates.create_tax_rate,
    update=tax_rates.update_tax_rate,
    deactivate=tax_rates.deactivate_tax_rate,
    reactivate=tax_rates.reactivate_tax_rate,
    out=_out,
)


class TaxRates(RecordList):
    """The rates a tenant chooses from."""

    kind: ClassVar = KIND


class TaxRate(RecordDetail):
    """One tax rate."""

    kind: ClassVar = KIND


class ReactivateTaxRate(RecordReactivation):
    """A tax rate that was deactivated is taken into use again."""

    kind: ClassVar = KIND
