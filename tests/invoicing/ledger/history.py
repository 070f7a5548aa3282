"""What a history of the ledger carries along: the model beside it, its days, and what reports told.

Days are numbers that go up with the nights of a history; the product lives today all the time, so a night
makes everything a day older.
"""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from hypothesis.stateful import RuleBasedStateMachine

from invoicing.domain.document import DocumentType
from invoicing.domain.ledger import Share
from invoicing.money import Money
from invoicing.selectors import receivables
from invoicing.selectors.receivables import OpenItem, OpenItemFilter
from invoicing.services import receiving
from tenants.errors import DomainError
from tenants.models import Tenant
from tests.factories import make_tenant, scope_of
from tests.factories.invoicing import make_legal_entity
from tests.factories.ledger import make_issued
from tests.invoicing.ledger.model import Key, Model, Part

DAYS = 30
_TENANTS: list[Tenant] = []


def the_tenant() -> Tenant:
    """One for all examples; each has a customer of its own."""
    if not _TENANTS:
        _TENANTS.append(make_tenant("ledger", time_zone="UTC"))
        with scope_of(_TENANTS[0]):
            make_legal_entity(may_void=True)
    return _TENANTS[0]


def money(cents: int, currency: str) -> Money:
    return Money(Decimal(cents).scaleb(-2), currency)


def cents(amount: Decimal) -> int:
    return int(amount.scaleb(2))


class Tally:
    """What all histories of this process came to."""

    accepted = 0
    refused = 0
    nights = 0
    reports = 0
    finals = 0


class Report(NamedTuple):
    """What was told of day `number` at a moment, so many nights and postings into a history."""

    number: int
    known_at: datetime
    nights: int
    seq: int
    told: Any


class History(RuleBasedStateMachine):
    """A customer's books and the model of them. `LedgerMachine` has the rules."""

    customer: UUID
    today: date

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(scope_of(the_tenant()))
        self.model = Model()
        self.ids: dict[Key, UUID] = {}
        self.allocations: list[UUID] = []
        self.write_offs: list[UUID] = []
        self.nights = 0
        self.reports: list[Report] = []
        self.finals: dict[int, Any] = {}

    def issue_one(self, amount: int, currency: str, age: int, *, is_credit: bool) -> None:
        kind = DocumentType.CREDIT_NOTE if is_credit else DocumentType.INVOICE
        total = format(money(amount, currency).amount, "f")
        made = make_issued(self.customer, total, currency=currency, type=kind, issued=self.day(age))
        self.add("doc", made.id, amount, currency, age, is_credit=is_credit)

    def receive_one(self, amount: int, currency: str, age: int) -> None:
        made = receiving.receive_payment(
            customer_id=self.customer, money=money(amount, currency), effective_date=self.day(age)
        )
        self.add("pay", made.id, amount, currency, age)

    def report_of_a_day_that_is_over(self, number: int) -> None:
        """Without a moment stated it knows what was recorded by that day's midnight, whenever it is asked."""
        told = self.told(number)
        Tally.finals += 1
        assert self.figures(told) == self.told_by_model(number, self.model.ends.get(number, 0) + 1)
        assert self.finals.setdefault(number, told) == told

    def told(self, number: int, known_at: datetime | None = None) -> Any:
        """Everything a report says, its days as numbers."""
        at = receivables.horizon(as_of=self.day(self.number(0) - number), known_at=known_at)
        mine = OpenItemFilter(customer=self.customer)

        def numbered(value: Any) -> Any:
            return self.number((self.today - value).days) if isinstance(value, date) else value

        return (
            [
                tuple(map(numbered, item))
                for item in receivables.list_open_items(at=at, filters=mine, limit=1000)
            ],
            receivables.ageing(at=at, filters=mine),
        )

    def figures(self, told: Any) -> dict[UUID, int]:
        """What is open of what."""
        items = (dict(zip(OpenItem._fields, item, strict=True)) for item in told[0])
        return {item["id"]: cents(item["open"]) for item in items}

    def told_by_model(self, number: int, seq: int) -> dict[UUID, int]:
        found = {
            self.ids[key]: self.model.left_as_of(key, number, seq)
            * (-1 if key[0] == "pay" or thing.is_credit else 1)
            for key, thing in self.model.things.items()
        }
        return {row_id: left for row_id, left in found.items() if left}

    def add(
        self, kind: Any, row_id: UUID, amount: int, currency: str, age: int, *, is_credit: bool = False
    ) -> None:
        key: Key = (kind, len(self.ids))
        self.ids[key] = row_id
        self.model.add(key, amount, currency, self.number(age), is_credit=is_credit)

    def outcome(self, refusals: set[str], call: Callable[[], Any]) -> Any:
        """What the call gave; None where it was refused, for one of the reasons, as it had to be."""
        done, code = None, ""
        try:
            done = call()
        except DomainError as error:
            code = error.code
        assert code in (refusals or {""}), f"refused as {code!r}, expected one of {refusals}"
        Tally.refused += bool(code)
        Tally.accepted += not code
        return done

    def take_back(self, part: Part, wish: int, age: int, call: Callable[[Money | None], Any]) -> None:
        amount = wish or part.live
        refusals = self.unless(0 < amount <= part.live, "already-reversed")
        refusals |= self.unless(part.on <= self.number(age), "effective-date-too-early")
        named = money(wish, self.model.things[part.doc].currency) if wish else None
        if self.outcome(refusals, lambda: call(named)) is not None:
            self.model.take_back(part, amount, self.number(age))

    def early(self, key: Key, age: int) -> set[str]:
        return self.unless(self.model.since(key) <= self.number(age), "effective-date-too-early")

    def unless(self, is_fine: bool, refusal: str) -> set[str]:
        return set() if is_fine else {refusal}

    def wants(self, picks: list[tuple[int, int]], most: int = 0) -> list[tuple[Key, int]]:
        """Different claims, each with an amount; 0 stands for what fits exactly."""
        wants: dict[Key, int] = {}
        for pick, wish in picks:
            key = self.pick(self.claims(), pick)
            fits = min(self.model.left(key), most) if most else self.model.left(key)
            wants[key] = wish or max(1, fits)
        return list(wants.items())

    def shares(self, wants: list[tuple[Key, int]]) -> list[Share]:
        return [Share(self.ids[key], money(amount, self.model.things[key].currency)) for key, amount in wants]

    def payments(self) -> list[Key]:
        return [key for key in self.ids if key[0] == "pay"]

    def documents(self) -> list[Key]:
        return [key for key in self.ids if key[0] == "doc" and key not in self.model.voided]

    def sources(self) -> list[Key]:
        return self.payments() + [key for key in self.documents() if self.model.things[key].is_credit]

    def claims(self) -> list[Key]:
        return [key for key in self.documents() if not self.model.things[key].is_credit]

    def pick(self, keys: list[Key], number: int) -> Key:
        return keys[number % len(keys)]

    def day(self, age: int) -> date:
        return self.today - timedelta(days=age)

    def number(self, age: int) -> int:
        return DAYS + self.nights - age
