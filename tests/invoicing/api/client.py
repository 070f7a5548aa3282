"""Invoices as a client of either version sees them; answers are unwrapped from v1's envelope."""

from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpResponse

from invoicing.models import Invoice, InvoiceLine
from tests.factories import ApiClient

Json = dict[str, Any]
STANDARD = {"category": "S", "rate": "19"}


def a_line(**changes: Any) -> Json:
    """A line of 100.00 at 19 %."""
    return {"description": "Work", "quantity": "1", "unit_price": "100", "tax": dict(STANDARD), **changes}


@dataclass
class Invoices:
    """The invoices of one tenant through one client; `customer` is a public id of that tenant."""

    client: ApiClient
    version: str
    customer: str

    def url(self, path: str = "") -> str:
        return f"/api/{self.version}/invoices{path}"

    def body(self, **changes: Any) -> Json:
        """What drafts an invoice of 119.00."""
        return {"customer": self.customer, "currency": "EUR", "lines": [a_line()], **changes}

    def post(self, path: str = "", body: Any = None, **headers: str) -> HttpResponse:
        answer: HttpResponse = self.client.post(self.url(path), body, **headers)  # type: ignore[arg-type]
        return answer

    def get(self, path: str = "", **headers: str) -> HttpResponse:
        answer: HttpResponse = self.client.get(self.url(path), **headers)  # type: ignore[arg-type]
        return answer

    def make(self, **changes: Any) -> Json:
        """A new document, as it was answered."""
        answer = self.post(body=self.body(**changes))
        assert answer.status_code == 201, answer.content
        return self.data(answer)

    def read(self, public_id: str) -> Json:
        answer = self.get(f"/{public_id}")
        assert answer.status_code == 200, answer.content
        return self.data(answer)

    def issue(self, public_id: str) -> HttpResponse:
        return self.post(f"/{public_id}/issue")

    def patch(self, record: Json, change: Any) -> HttpResponse:
        """A change of the version that `record` shows."""
        headers: Json = {"HTTP_IF_MATCH": f'"v{record["version"]}"'} if self.version == "v2" else {}
        answer: HttpResponse = self.client.patch(self.url(f"/{record['id']}"), change, **headers)
        return answer

    def changed(self, record: Json, change: Any) -> Json:
        """The document after a change that is taken."""
        answer = self.patch(record, change)
        assert answer.status_code == 200, answer.content
        return self.data(answer)

    def delete(self, public_id: str, **headers: str) -> HttpResponse:
        answer: HttpResponse = self.client.delete(self.url(f"/{public_id}"), **headers)  # type: ignore[arg-type]
        return answer

    def ids(self, query: str = "") -> list[str]:
        """The documents of one page, by id."""
        answer = self.get(f"?{query}")
        assert answer.status_code == 200, answer.content
        data = self.data(answer)
        return [row["id"] for row in (data["items"] if self.version == "v1" else data["data"])]

    def data(self, answer: HttpResponse) -> Json:
        body: Json = answer.json()  # type: ignore[attr-defined]
        if self.version == "v1":
            assert body["success"] is True
            return dict(body["data"])
        return body

    def code(self, answer: HttpResponse) -> str:
        """The code of a refusal, in v2's spelling."""
        body: Json = answer.json()  # type: ignore[attr-defined]
        code: str = body["code"] if self.version == "v2" else body["error"].lower().replace("_", "-")
        return code

    def pointers(self, answer: HttpResponse) -> list[str]:
        """The places of an answer's faults, in v2's spelling without the mark of a parameter."""
        body: Json = answer.json()  # type: ignore[attr-defined]
        if self.version == "v2":
            return [fault["pointer"].lstrip("?") for fault in body.get("errors", ())]
        named = {"non_field_errors": ""}
        return [named.get(place, "/" + place.replace(".", "/")) for place in body["fields"]]

    def like(self, client: ApiClient) -> "Invoices":
        """The same for another client."""
        return replace(self, client=client)


def customer_id(document: Json) -> str:
    """The customer of a document, which v1 nests."""
    customer = document["customer"]
    found: str = customer["id"] if isinstance(customer, dict) else customer
    return found


def everything() -> tuple[list[Json], list[Json]]:
    """All rows of the tenant in whose scope it is called: a refusal leaves them as they were."""
    return list(Invoice.objects.order_by("id").values()), list(InvoiceLine.objects.order_by("id").values())
