"""What `make demo` does and what must come of it, told step by step."""

import time
from typing import Any, Self

import httpx2

from config.case_files import Json
from config.own_instance import Instance

STANDARD, REDUCED = {"category": "S", "rate": "19"}, {"category": "S", "rate": "7"}
INVOICE: Json = {
    "currency": "EUR",
    "payment_terms": "Net 30 days",
    "prepaid_amount": "33.61",
    "lines": [
        {
            "description": "Licence, per seat",
            "quantity": "3",
            "unit_price": "10.0000",
            "tax": STANDARD,
            "allowances": [{"amount": "1.00", "reason": "Goodwill"}],
        },
        {
            "description": "Consulting",
            "quantity": "2.5",
            "unit_code": "HUR",
            "unit_price": "120.00",
            "tax": STANDARD,
        },
        {"description": "Handbook", "quantity": "1", "unit_price": "49.90", "tax": REDUCED},
    ],
    "allowances": [
        {"amount": "5.00", "reason": "Voucher", "tax": STANDARD},
        {"percent": "10", "reason": "Book fair", "tax": REDUCED},
    ],
}
# By hand: 29.00 + 300.00 + 49.90, less 5.00 and 4.99 (10 % of 49.90); 19 % of 324.00, 7 % of 44.91.
TOTALS: Json = {
    "sum_of_lines": "378.90",
    "allowance_total": "9.99",
    "charge_total": "0.00",
    "tax_exclusive": "368.91",
    "tax_total": "64.70",
    "tax_inclusive": "433.61",
    "payable": "400.00",
    "breakdown": [
        {"category": "S", "rate": "19", "taxable": "324.00", "tax": "61.56"},
        {"category": "S", "rate": "7", "taxable": "44.91", "tax": "3.14"},
    ],
}
ELSEWHERE = "inv_0000000000000000000000000z"
TRAIL_SECONDS = 30.0


class Differs(Exception):
    """An answer that the rest of the story cannot do without did not come."""


class Story:
    """Two people of two companies and what they do; `differing` counts what came out wrong."""

    def __init__(self, instance: Instance) -> None:
        self.differing = 0
        self._steps = 0
        self._instance = instance
        self._acme, self._globex = (httpx2.Client(base_url=instance.base_url, timeout=30) for _ in range(2))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._acme.close()
        self._globex.close()

    def step(self, what: str, result: str, *, holds: bool) -> None:
        """Print one result, and count it if it is not what it should be."""
        self._steps += 1
        self.differing += not holds
        print(f"{self._steps:>3}  {what:<46} {result}{'' if holds else '   <- DIFFERS'}", flush=True)

    def calculate(self, body: Json) -> tuple[int, Json]:
        """`POST invoices/calculate` as acme: status and answer."""
        answer = self._acme.post("/api/v2/invoices/calculate", json=body)
        return answer.status_code, answer.json()

    def tell(self) -> None:
        """The whole story. Raises Differs where it cannot go on, httpx2.HTTPError without an answer."""
        ours, theirs, *_ = self._instance.tenants
        self._log_in(self._acme, ours)
        self._log_in(self._globex, theirs)
        drafted = self._draft()
        issued = self._issue(drafted)
        self._explain(issued)
        self._freeze(issued)
        self._compare_versions(issued)
        self._be_refused(issued, theirs["name"])
        self._follow_the_trail(issued)

    def _log_in(self, client: httpx2.Client, tenant: Json) -> None:
        admin = next(user for user in tenant["users"] if user["role"] == "admin")
        credentials = {
            "tenant": tenant["slug"],
            "username": admin["username"],
            "password": admin["password"],
        }
        pair = _expect(client.post("/api/v2/auth/token", json=credentials), 200)
        client.headers["Authorization"] = f"Bearer {pair['access']}"
        me = _expect(client.get("/api/v2/auth/me"), 200)
        is_right = me["tenant"]["slug"] == tenant["slug"] and me["role"] == "admin"
        self.step(
            f"log in at {tenant['slug']}",
            f"{me['user']['name']}, {me['role']} of {tenant['name']}",
            holds=is_right,
        )

    def _draft(self) -> Json:
        customer = _expect(self._acme.get("/api/v2/customers", params={"limit": 1}), 200)["data"][0]
        _, calculated = self.calculate(INVOICE)
        self.step(
            "calculate, nothing written",
            f"payable {calculated['totals']['payable']}",
            holds=_is_expected(calculated["totals"]),
        )
        before = self._count()
        body, key = {**INVOICE, "customer": customer["id"]}, {"Idempotency-Key": "the-first-invoice"}
        answer = self._acme.post("/api/v2/invoices", json=body, headers=key)
        drafted: Json = _expect(answer, 201)
        self.step(
            f"draft for {customer['name']}",
            f"{drafted['id']}, payable {drafted['totals']['payable']} EUR",
            holds=_is_expected(drafted["totals"]) and drafted["status"] == "draft",
        )
        again = self._acme.post("/api/v2/invoices", json=body, headers=key)
        is_same = again.content == answer.content and again.status_code == 201
        self.step(
            "the same again with its idempotency key",
            "the same answer, and one invoice more than before" if is_same else f"{again.status_code}",
            holds=is_same and self._count() == before + 1,
        )
        other = self._acme.post("/api/v2/invoices", json={**body, "payment_terms": "Net 14"}, headers=key)
        self.step("another body with that key", _refusal(other), holds=other.status_code == 422)
        return drafted

    def _issue(self, drafted: Json) -> Json:
        issued: Json = _expect(self._acme.post(f"/api/v2/invoices/{drafted['id']}/issue"), 200)
        self.step(
            "issue it",
            f"number {issued['number']}, due {issued['due_date']}",
            holds=bool(issued["number"]) and issued["status"] == "issued" and _is_expected(issued["totals"]),
        )
        return issued

    def _explain(self, issued: Json) -> None:
        steps = _expect(self._acme.get(f"/api/v2/invoices/{issued['id']}/explain"), 200)["steps"]
        results = {step["pointer"]: step["result"] for step in steps}
        totals = {name: amount for name, amount in TOTALS.items() if name != "breakdown"}
        self.step(
            "explain the totals",
            f"{len(steps)} amounts, each by its rule",
            holds=all(results.get(f"/totals/{name}") == amount for name, amount in totals.items()),
        )
        print()
        _print_table(
            ("term", "rule", "amount", "how", "exactly", "is"),
            [
                (
                    step["term"],
                    step["rule"],
                    step["pointer"].removeprefix("/").replace("totals/", ""),
                    _worked_out(step),
                    step["unrounded"],
                    step["result"],
                )
                for step in steps
            ],
        )

    def _freeze(self, issued: Json) -> None:
        change = {"payment_terms": "Net 60"}
        read = self._acme.get(f"/api/v2/invoices/{issued['id']}")
        refused = self._acme.patch(
            f"/api/v2/invoices/{issued['id']}", json=change, headers={"If-Match": read.headers["ETag"]}
        )
        self.step("change what is issued", _refusal(refused), holds=refused.status_code == 409)

    def _compare_versions(self, issued: Json) -> None:
        former = self._acme.get(f"/api/v1/invoices/{issued['id']}")
        data = _expect(former, 200)["data"]
        said = [name for name in ("Deprecation", "Sunset", "Link") if name in former.headers]
        self.step(
            "v1 beside v2",
            f"equal totals; v1 nests the customer ({data['customer']['name']}) and says {', '.join(said)}",
            holds=data["totals"] == issued["totals"]
            and data["number"] == issued["number"]
            and len(said) == 3,
        )

    def _be_refused(self, issued: Json, name: str) -> None:
        theirs = self._globex.get(f"/api/v2/invoices/{issued['id']}")
        nowhere = self._globex.get(f"/api/v2/invoices/{ELSEWHERE}")
        shapes = [
            {**answer.json(), "instance": None, "status": answer.status_code} for answer in (theirs, nowhere)
        ]
        self.step(
            f"{name} asks for it",
            f"{_refusal(theirs)}, the answer to an id that never was",
            holds=theirs.status_code == 404 and shapes[0] == shapes[1],
        )

    def _follow_the_trail(self, issued: Json) -> None:
        began = time.monotonic()
        found: list[Json] = []
        while time.monotonic() - began < TRAIL_SECONDS and len(found) < 2:
            page = self._acme.get("/api/v2/audit/entries", params={"record": issued["id"]})
            found = _expect(page, 200)["data"]
            time.sleep(0.05)
        told = [entry["operation"] for entry in reversed(found)]
        self.step(
            "the trail has it, by way of the relay",
            f"{' and '.join(told) or 'nothing'}",
            holds=told == ["insert", "update"] and found[0]["diff"]["number"] == [None, issued["number"]],
        )
        print()
        _print_table(
            ("entry", "operation", "by", "changed", "delivered"),
            [
                (
                    entry["id"],
                    entry["operation"],
                    entry["modified_by"],
                    entry["created_at"],
                    entry["completed_at"],
                )
                for entry in reversed(found)
            ],
        )

    def _count(self) -> int:
        page = self._acme.get("/api/v2/invoices", params={"limit": 1, "include": "total"})
        total: int = _expect(page, 200)["total"]
        return total


def _expect(answer: httpx2.Response, status: int) -> Any:
    """The JSON of an answer with this status. Raises Differs."""
    if answer.status_code != status:
        raise Differs(f"{answer.request.method} {answer.request.url.path}: {_refusal(answer)}")
    return answer.json()


def _is_expected(totals: Json) -> bool:
    return {name: totals[name] for name in TOTALS} == TOTALS


def _refusal(answer: httpx2.Response) -> str:
    try:
        code = answer.json().get("code", "")
    except ValueError:
        code = ""
    return f"{answer.status_code} {code}".strip()


def _worked_out(step: Json) -> str:
    values = list(step["inputs"].values())
    shown = ", ".join(values[:6]) + (", ..." if len(values) > 6 else "")
    return f"{step['formula']}: {shown}" if values else str(step["formula"])


def _print_table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    for row in (head, tuple("-" * width for width in widths), *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("    " + "  ".join(cells).rstrip())
    print(flush=True)
