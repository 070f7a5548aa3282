"""One record of each kind that has metadata, spoken to in both versions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.http import HttpResponse

from tenants.models import Tenant
from tests.factories import ApiClient, scope_of
from tests.factories.invoicing import make_customer, make_legal_entity

Json = dict[str, Any]
KINDS = ("invoices", "customers", "items", "payments", "vendors")


@dataclass
class Records:
    """The records of one kind in one version; `body` is what makes a new one."""

    client: ApiClient
    version: str
    kind: str
    customer: str
    made: int = 0

    @property
    def url(self) -> str:
        return f"/api/{self.version}/{self.kind}"

    def body(self, **changes: Any) -> Json:
        self.made += 1
        line = {"description": "Work", "quantity": "1", "unit_price": "100"}
        tax = {"category": "S", "rate": "19"}
        money: Any = {"amount": "9.00", "currency": "EUR"}
        paid = {"amount": money} if self.version == "v2" else money
        bodies: dict[str, Json] = {
            "invoices": {"customer": self.customer, "currency": "EUR", "lines": [{**line, "tax": tax}]},
            "customers": {"name": "Initech", "country": "DE"},
            "vendors": {"name": "Umbrella", "country": "DE"},
            "items": {"code": f"I-{self.made}", "name": "Thing", "unit_price": "1", "tax": tax},
            "payments": {"customer": self.customer, **paid},
        }
        return {**bodies[self.kind], **changes}

    def data(self, answer: HttpResponse, status: int = 200) -> Json:
        assert answer.status_code == status, answer.content
        body: Json = answer.json()  # type: ignore[attr-defined]
        return dict(body["data"]) if self.version == "v1" else body

    def make(self, **changes: Any) -> Json:
        return self.data(self.client.post(self.url, self.body(**changes)), 201)

    def read(self, record: Json) -> Json:
        return self.data(self.client.get(f"{self.url}/{record['id']}"))

    def patch(self, record: Json, change: Any, *, version: int | None = None) -> HttpResponse:
        headers: Json = {}
        if self.version == "v2":
            headers = {"HTTP_IF_MATCH": f'"v{version or self.read(record)["version"]}"'}
        answer: HttpResponse = self.client.patch(f"{self.url}/{record['id']}", change, **headers)
        return answer

    def found(self, query: str) -> list[str]:
        data = self.data(self.client.get(f"{self.url}?{query}"))
        return [row["id"] for row in (data["items"] if self.version == "v1" else data["data"])]

    def pointers(self, answer: HttpResponse) -> list[str]:
        body: Json = answer.json()  # type: ignore[attr-defined]
        if self.version == "v2":
            return [fault["pointer"] for fault in body["errors"]]
        return ["/" + place.replace(".", "/") for place in body["fields"]]


Open = Callable[[str, ApiClient, Tenant], Records]


@pytest.fixture(params=["v1", "v2"])
def opened(request: pytest.FixtureRequest) -> Open:
    """The records of a kind in a tenant, which gets a seller and a customer."""

    def records(kind: str, client: ApiClient, tenant: Tenant) -> Records:
        with scope_of(tenant):
            make_legal_entity()
            return Records(client, request.param, kind, make_customer().public_id)

    return records


@pytest.fixture(params=KINDS)
def records(request: pytest.FixtureRequest, opened: Open, acme: Tenant, acme_client: ApiClient) -> Records:
    """acme's records of each kind in turn, through an admin."""
    return opened(request.param, acme_client, acme)
