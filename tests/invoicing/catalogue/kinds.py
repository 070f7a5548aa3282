"""The kinds of master data, and a client that speaks of them in either version."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import HttpResponse

from invoicing.models import Contact, Customer, Item, LegalEntity, Series, TaxRate, Vendor
from invoicing.models.master import MasterRecord
from tenants import ids
from tests.factories import ApiClient, unique

Json = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """One kind: its path, a body that makes one, a change, and columns that are ordered by.

    `needs` are members of the body that name a record of another kind.
    """

    path: str
    model: type[MasterRecord]
    capability: str
    body: Callable[[], Json]
    change: Json
    label: str = "name"
    needs: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.path


KINDS = (
    Kind(
        "legal-entities",
        LegalEntity,
        "settings.manage",
        lambda: {"name": unique("Acme"), "country": "DE", "currency": "EUR"},
        {"city": "Berlin"},
    ),
    Kind(
        "customers",
        Customer,
        "catalogue.write",
        lambda: {"name": unique("Globex"), "country": "FR", "reference": unique("C")},
        {"city": "Paris"},
    ),
    Kind(
        "vendors",
        Vendor,
        "catalogue.write",
        lambda: {
            "name": unique("Initech"),
            "country": "DE",
            "reference": unique("V"),
            "bank_accounts": [{"iban": "DE89370400440532013000", "bic": "COBADEFFXXX", "name": None}],
        },
        {"tax_treatment": "reverse_charge"},
    ),
    Kind(
        "contacts",
        Contact,
        "catalogue.write",
        lambda: {"name": unique("Jeanne"), "role": "Accounts payable"},
        {"email": "jeanne@example.test"},
        needs={"customer": "customers"},
    ),
    Kind(
        "items",
        Item,
        "catalogue.write",
        lambda: {
            "code": unique("I"),
            "name": "Consulting",
            "unit_price": "10.0000",
            "currency": "EUR",
            "tax": {"category": "S", "rate": "19"},
        },
        {"unit_price": "12.50"},
    ),
    Kind(
        "tax-rates",
        TaxRate,
        "catalogue.write",
        lambda: {"name": unique("VAT"), "category": "S", "rate": "19"},
        {"rate": "20"},
    ),
    Kind(
        "series",
        Series,
        "settings.manage",
        lambda: {
            "document_type": "invoice",
            "code": (code := unique("S")),
            "pattern": f"{code}-{{year}}-{{number:05}}",
        },
        {"reset": "never"},
        "code",
    ),
)
BY_PATH = {kind.path: kind for kind in KINDS}


@dataclass
class Api:
    """One version as one client sees it; answers are unwrapped from v1's envelope."""

    client: ApiClient
    version: str

    def url(self, path: str) -> str:
        return f"/api/{self.version}/{path}"

    def body(self, kind: Kind) -> Json:
        """A body that makes a record; what it needs is made."""
        needed = {member: self.make(BY_PATH[path])["id"] for member, path in kind.needs.items()}
        return {**needed, **kind.body()}

    def make(self, kind: Kind, **changes: Any) -> Json:
        """A new record, as it was answered."""
        answer = self.client.post(self.url(kind.path), {**self.body(kind), **changes})
        assert answer.status_code == 201, answer.content
        return self.data(answer)

    def read(self, kind: Kind, public_id: str) -> Json:
        answer = self.client.get(self.url(f"{kind.path}/{public_id}"))
        assert answer.status_code == 200, answer.content
        return self.data(answer)

    def patch(self, kind: Kind, record: Json, change: Any) -> HttpResponse:
        """A change of the version that `record` shows."""
        headers: Json = {"HTTP_IF_MATCH": f'"v{record["version"]}"'} if self.version == "v2" else {}
        answer: HttpResponse = self.client.patch(self.url(f"{kind.path}/{record['id']}"), change, **headers)
        return answer

    def rows(self, kind: Kind, query: str = "") -> list[Json]:
        """The rows of one page."""
        answer = self.client.get(self.url(f"{kind.path}?{query}"))
        assert answer.status_code == 200, answer.content
        data = self.data(answer)
        rows: list[Json] = data["items"] if self.version == "v1" else data["data"]
        return rows

    def data(self, answer: HttpResponse) -> Json:
        body: Json = answer.json()  # type: ignore[attr-defined]
        return body["data"] if self.version == "v1" else body

    def pointers(self, answer: HttpResponse) -> list[str]:
        """The places of an answer's faults, in v2's spelling."""
        body: Json = answer.json()  # type: ignore[attr-defined]
        if self.version == "v2":
            return [fault["pointer"] for fault in body.get("errors", ())]
        return ["/" + place.replace(".", "/") for place in body["fields"]]

    def like(self, client: ApiClient) -> "Api":
        """The same version for another client."""
        return replace(self, client=client)


def stored(kind: Kind, public_id: str) -> Json:
    """The row as the database has it; call it in the tenant's scope."""
    row: Json = kind.model.all_objects.values().get(id=ids.decode(kind.model.public_prefix, public_id))
    return row
