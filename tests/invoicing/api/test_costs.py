"""Statements per request: they grow neither with the lines of a document nor with the rows of a page."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from invoicing.services.creating import create_invoices
from tenants import ids
from tests.factories.invoicing import a_draft
from tests.invoicing.api.client import Invoices, a_line


@pytest.fixture
def cost(api: Invoices) -> Callable[[Callable[[], object]], int]:
    """How many statements a call costs on all connections, authentication left out."""
    api.get()

    def count(call: Callable[[], object]) -> int:
        with ExitStack() as stack:
            counted = [
                stack.enter_context(CaptureQueriesContext(connections[alias])) for alias in connections
            ]
            call()
            return sum(
                not query["sql"].lower().startswith("select set_config")
                for capture in counted
                for query in capture.captured_queries
            )

    return count


Cost = Callable[[Callable[[], object]], int]


@pytest.mark.parametrize("issue", [False, True])
def test_creating_costs_as_much_with_fifty_lines_as_with_one(
    api: Invoices,
    cost: Cost,
    issue: bool,
) -> None:
    costs = [cost(lambda size=size: api.make(lines=[a_line()] * size, issue=issue)) for size in (1, 50)]  # type: ignore[misc]
    # v1 reads the customer it nests.
    assert costs == [2, 2] if api.version == "v2" else costs == [3, 3]


@pytest.mark.usefixtures("inside")
def test_listing_costs_as_much_with_200_rows_as_with_one(api: Invoices, cost: Cost) -> None:
    size = "page_size" if api.version == "v1" else "limit"
    customer = ids.decode("cus", api.customer)
    create_invoices(drafts=[a_draft(customer)] * 200)
    costs = [cost(lambda rows=rows: api.get(f"?{size}={rows}")) for rows in (1, 200)]  # type: ignore[misc]
    assert len(api.ids(f"{size}=200")) == 200
    # v1 counts.
    assert costs == [1, 1] if api.version == "v2" else costs == [2, 2]
    if api.version == "v2":
        assert cost(lambda: api.get("?limit=200&expand=customer")) == 1
        assert cost(lambda: api.get("?limit=200&include=total")) == 2


@pytest.mark.usefixtures("inside")
def test_reading_costs_as_much_with_fifty_lines_as_with_one(api: Invoices, cost: Cost) -> None:
    made = [api.make(lines=[a_line()] * size) for size in (1, 50)]
    costs = [cost(lambda of=of: api.get(f"/{of['id']}")) for of in made]  # type: ignore[misc]
    assert costs == [2, 2] if api.version == "v2" else costs == [3, 3]
    costs = [cost(lambda of=of: api.get(f"/{of['id']}/explain")) for of in made]  # type: ignore[misc]
    assert costs == [2, 2]


@pytest.mark.usefixtures("inside")
def test_changing_and_issuing_cost_as_much_with_fifty_lines_as_with_one(api: Invoices, cost: Cost) -> None:
    made = [{"version": 1, **api.make(lines=[a_line()] * size)} for size in (1, 50)]
    changes = [cost(lambda of=of: api.patch(of, {"payment_terms": "X"})) for of in made]  # type: ignore[misc]
    issues = [cost(lambda of=of: api.issue(of["id"])) for of in made]  # type: ignore[misc]
    assert changes[0] == changes[1]
    assert issues[0] == issues[1]


def test_calculating_costs_one_statement(api: Invoices, cost: Cost) -> None:
    body = {"currency": "EUR", "lines": [a_line()] * 50}
    assert cost(lambda: replace(api).post("/calculate", body)) == 1
