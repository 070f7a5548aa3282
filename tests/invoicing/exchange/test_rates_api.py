"""Exchange rates over both versions: recorded for good, uploaded, taken over from the ECB, looked up."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from invoicing.models import FxRate
from invoicing.sources.ecb import EcbRates
from tenants.models import Tenant
from tests.factories import ApiClient, scope_of
from tests.factories.exchange import a_rate
from tests.factories.ledger import days_ago

VERSIONS = pytest.mark.parametrize("version", ["v1", "v2"])


def stated(**changes: Any) -> dict[str, Any]:
    yesterday = days_ago(1).isoformat()
    return {
        "from_currency": "EUR",
        "to_currency": "USD",
        "rate": "1.0850",
        "date": yesterday,
        "source": "house bank",
        **changes,
    }


def data_of(answer: Any, version: str) -> Any:
    return answer.json()["data"] if version == "v1" else answer.json()


def pointers_of(answer: Any, version: str) -> set[str]:
    if version == "v1":
        return {"/" + place.replace(".", "/") for place in answer.json()["fields"]}
    return {fault["pointer"] for fault in answer.json()["errors"]}


@VERSIONS
def test_a_rate_is_recorded_listed_and_corrected_by_a_further_one(
    acme_client: ApiClient, version: str
) -> None:
    url = f"/api/{version}/exchange-rates"
    made = acme_client.post(url, stated())
    assert made.status_code == 201, made.content
    corrected = acme_client.post(url, stated(rate="1.0860"))
    assert corrected.status_code == 201
    page = data_of(acme_client.get(f"{url}?from_currency=EUR&to_currency=USD"), version)
    rows = page["items"] if version == "v1" else page["data"]
    assert [row["rate"] for row in rows] == ["1.0860", "1.0850"]
    assert rows[1] == data_of(acme_client.get(f"{url}/{rows[1]['id']}"), version)
    day = days_ago(1)
    held = data_of(acme_client.get(f"{url}/lookup?from_currency=USD&to_currency=EUR&date={day}"), version)
    assert (held["multiplier"], held["divisor"], held["date"]) == ("1", "1.0860", day.isoformat())
    assert held["source"] == "house bank"


@VERSIONS
@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"rate": "0"}, "/rate"),
        ({"rate": "-1"}, "/rate"),
        ({"rate": "NaN"}, "/rate"),
        ({"rate": 1.1}, "/rate"),
        ({"from_currency": "XXX"}, "/from_currency"),
        ({"from_currency": "eur"}, "/from_currency"),
        ({"to_currency": "EUR"}, "/to_currency"),
        ({"date": days_ago(-2).isoformat()}, "/date"),
        ({"date": "2026-02-30"}, "/date"),
        ({"source": ""}, "/source"),
        ({"surplus": 1}, "/surplus"),
    ],
)
def test_a_bad_rate_is_refused_at_its_place(
    acme: Tenant, acme_client: ApiClient, version: str, changes: dict[str, Any], pointer: str
) -> None:
    answer = acme_client.post(f"/api/{version}/exchange-rates", stated(**changes))
    assert answer.status_code == 400, answer.content
    assert pointers_of(answer, version) == {pointer}
    with scope_of(acme):
        assert not FxRate.objects.exists()


@VERSIONS
def test_a_file_is_recorded_all_or_none_and_says_nothing_twice(
    acme: Tenant, acme_client: ApiClient, version: str
) -> None:
    url = f"/api/{version}/exchange-rates/import"
    good = "date,from,to,rate,source\n2026-10-29,EUR,USD,1.113,ECB\n2026-10-30,EUR,JPY,175.68,\n"
    assert acme_client.post(url, {"csv": good + "2026-10-30,EUR,XXX,1,\n"}).status_code == 400
    with scope_of(acme):
        assert not FxRate.objects.exists()
    for recorded in (2, 0):
        answer = acme_client.post(url, {"csv": good, "source": "house bank"})
        assert answer.status_code == 201, answer.content
        assert data_of(answer, version) == {"recorded": recorded}
    with scope_of(acme):
        assert set(FxRate.objects.values_list("to_currency", "source")) == {
            ("USD", "ECB"),
            ("JPY", "house bank"),
        }


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ("", "/csv"),
        ("a,b\n1,2\n", "/csv"),
        ("date,from,to,rate\n", "/csv"),
        ("date,from,to,rate\n2026-10-30,EUR,USD\n", "/csv/1"),
        ("date,from,to,rate\n30.10.2026,EUR,USD,1\n", "/csv/1/date"),
        ("date,from,to,rate,source\n2026-10-30,EUR,USD,1e3,x\n", "/csv/1/rate"),
        ("date,from,to,rate,source\n2026-10-30,EUR,USD,1_0,x\n", "/csv/1/rate"),
        ("date,from,to,rate\n2026-10-30,EUR,USD,1\n", "/csv/1/source"),
        ("Date,USD\n2026-10-30,x\n", "/csv/1/USD"),
    ],
)
def test_a_bad_file_says_which_cell(acme_client: ApiClient, text: str, pointer: str) -> None:
    answer = acme_client.post("/api/v2/exchange-rates/import", {"csv": text})
    assert answer.status_code == 400, answer.content
    assert pointer in pointers_of(answer, "v2")


@VERSIONS
def test_what_the_ecb_published_is_taken_over(acme: Tenant, acme_client: ApiClient, version: str) -> None:
    body = {"published": "ECB", "currencies": ["USD", "CHF"], "first": "2026-10-29", "last": "2026-11-01"}
    answer = acme_client.post(f"/api/{version}/exchange-rates/import", body)
    assert answer.status_code == 201, answer.content
    assert data_of(answer, version) == {"recorded": 4}
    with scope_of(acme):
        rate = FxRate.objects.get(to_currency="USD", day=date(2026, 10, 30))
        assert (str(rate.rate), rate.source) == ("1.1172", "ECB")


def test_an_import_is_of_a_file_or_of_what_is_published(acme_client: ApiClient) -> None:
    for body in ({}, {"csv": "x", "published": "ECB"}, {"published": "ECB", "currencies": ["USD"]}):
        answer = acme_client.post("/api/v2/exchange-rates/import", body)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "one-of")


def test_without_a_rate_of_ones_own_the_ecbs_holds_with_its_own_day(acme_client: ApiClient) -> None:
    url = "/api/v2/exchange-rates/lookup?from_currency=EUR&to_currency=USD&date="
    sunday = acme_client.get(url + "2026-11-01").json()
    assert (sunday["rate"], sunday["date"], sunday["source"]) == ("1.1172", "2026-10-30", "ECB")
    _, last = EcbRates().bounds()
    missing = acme_client.get(url + (last + timedelta(days=8)).isoformat())
    assert (missing.status_code, missing.json()["code"]) == (409, "exchange-rate-missing")


def test_a_rate_of_ones_own_goes_before_a_published_one(acme: Tenant, acme_client: ApiClient) -> None:
    with scope_of(acme):
        a_rate("1.5", day=date(2026, 10, 28))
    url = "/api/v2/exchange-rates/lookup?from_currency=EUR&to_currency=USD&date=2026-10-30"
    assert acme_client.get(url).json()["rate"] == "1.5"


def test_nobody_changes_or_removes_a_rate(acme: Tenant) -> None:
    with scope_of(acme):
        row = a_rate()
        for change in ("UPDATE invoicing_fxrate SET rate = 2", "DELETE FROM invoicing_fxrate"):
            with pytest.raises(Exception, match="permission denied"), connection.cursor() as cursor:
                cursor.execute(change)
        row.refresh_from_db()
        assert str(row.rate) == "1.1"


def test_a_rate_of_zero_is_refused_by_the_table_itself(acme: Tenant) -> None:
    with scope_of(acme), pytest.raises(IntegrityError), transaction.atomic():
        FxRate.objects.create(
            tenant_id=acme.id, from_currency="EUR", to_currency="USD", rate=0, day=days_ago(1), source="x"
        )


def test_the_rates_of_another_tenant_are_not_looked_at(acme_client: ApiClient, globex: Tenant) -> None:
    with scope_of(globex):
        a_rate("7.7", quoted="PKR")
    day = days_ago(1)
    answer = acme_client.get(f"/api/v2/exchange-rates/lookup?from_currency=EUR&to_currency=PKR&date={day}")
    assert answer.status_code == 409
