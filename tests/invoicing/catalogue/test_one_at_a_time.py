"""The database alone refuses two prices of an item, or two rates of a name, that hold on one day."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connections, transaction

from invoicing.models import Item, ItemPrice, TaxRate
from tenants import scope
from tenants.actors import Actor
from tenants.models import Tenant
from tests.factories import scope_of, unique

SUMMER = {"valid_from": date(2026, 6, 1), "valid_to": date(2026, 8, 31)}
Make = Callable[..., Any]


def prices_of_an_item(tenant: Tenant) -> Make:
    item = Item.objects.create(
        tenant_id=tenant.id, name="Hour", unit_price=1, currency="EUR", tax_category="S", tax_rate=19
    )
    stated = {"tenant_id": tenant.id, "item": item, "currency": "USD", "unit_price": Decimal(1)}
    return lambda **changes: ItemPrice.objects.create(**{**stated, **changes})


def rates_of_a_name(tenant: Tenant) -> Make:
    stated = {"tenant_id": tenant.id, "name": unique("VAT"), "category": "S", "rate": Decimal(19)}
    return lambda **changes: TaxRate.objects.create(**{**stated, **changes})


@pytest.fixture(params=[prices_of_an_item, rates_of_a_name], ids=["prices", "rates"])
def make(request: pytest.FixtureRequest, acme: Tenant, inside: None) -> Make:
    del inside
    found: Make = request.param(acme)
    return found


@pytest.mark.parametrize(
    "days",
    [{}, {"valid_from": date(2026, 8, 31)}, {"valid_to": date(2026, 6, 1)}],
    ids=["ever", "last", "first"],
)
def test_a_second_one_on_a_day_is_refused(make: Make, days: dict[str, date]) -> None:
    make(**SUMMER)
    with pytest.raises(IntegrityError, match="holds on some of the days"):
        make(**days)
    make(**days, is_active=False)
    make(valid_from=date(2026, 9, 1))


def test_one_that_moves_onto_anothers_days_is_refused(make: Make) -> None:
    make(**SUMMER)
    autumn = make(valid_from=date(2026, 9, 1))
    autumn.valid_from = date(2026, 8, 31)
    with pytest.raises(IntegrityError, match="holds on some of the days"):
        autumn.save()


def test_what_counts_is_how_they_stand_at_the_commit(make: Make) -> None:
    first = make(**SUMMER)
    with transaction.atomic():
        make(valid_from=date(2026, 8, 1))
        first.valid_to = date(2026, 7, 31)
        first.save()


def test_outside_of_the_tenants_scope_nothing_is_committed(make: Make, acme: Tenant, globex: Tenant) -> None:
    for other in (None, globex):
        with ExitStack() as outer:
            if other is not None:
                outer.enter_context(scope_of(other))
            else:
                outer.enter_context(scope.enter(scope.Scope(None, Actor.system("test"))))
            with (
                pytest.raises(DatabaseError, match="the scope of the tenant has ended"),
                transaction.atomic(),
                scope_of(acme),
            ):
                make(**SUMMER)


def test_of_six_at_once_one_stays(make: Make, acme: Tenant) -> None:
    together = Barrier(6)

    def attempt(_: int) -> bool:
        try:
            with scope_of(acme), transaction.atomic():
                make(**SUMMER)
                together.wait(10)
        except IntegrityError:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(attempt, range(6))) == [False] * 5 + [True]
