"""Random histories of the ledger, step by step beside the model in plain Python (invariant 4)."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from invoicing.domain.document import DocumentType
from invoicing.domain.ledger import ReversalKind, Share
from invoicing.models import Allocation, Invoice, LegalEntity, Payment, WriteOff
from invoicing.money import Money
from invoicing.selectors import accounts, receivables
from invoicing.selectors.receivables import OpenItemFilter
from invoicing.services import allocating, receiving, refunding, returning, writing_off
from tenants.errors import DomainError
from tenants.models import Tenant
from tests.factories import make_tenant, scope_of
from tests.factories.invoicing import make_customer, make_legal_entity
from tests.factories.ledger import make_issued
from tests.invoicing.ledger.model import Key, Model, Part

DAYS = 30
AMOUNTS = st.integers(1, 9_999)
AGES = st.integers(0, DAYS)
CURRENCIES = st.sampled_from(["EUR", "EUR", "EUR", "USD"])
PICKS = st.integers(0, 999)
# Amounts that fit exactly are what is most often got wrong.
WISHES = st.one_of(st.just(0), st.integers(1, 300), AMOUNTS)
_TENANTS: list[Tenant] = []


def the_tenant() -> Tenant:
    """One for all examples; each has a customer of its own."""
    if not _TENANTS:
        _TENANTS.append(make_tenant("ledger", time_zone="UTC"))
        with scope_of(_TENANTS[0]):
            make_legal_entity()
    return _TENANTS[0]


def money(cents: int, currency: str) -> Money:
    return Money(Decimal(cents).scaleb(-2), currency)


def cents(amount: Decimal) -> int:
    return int(amount.scaleb(2))


class Tally:
    """What all histories of this process came to."""

    accepted = 0
    refused = 0
    reports = 0


class LedgerMachine(RuleBasedStateMachine):
    """Every rule asks the model first; the product must refuse for a reason of the model's, or do it."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(scope_of(the_tenant()))
        self.model = Model()
        self.ids: dict[Key, UUID] = {}
        self.allocations: list[UUID] = []
        self.write_offs: list[UUID] = []
        self.reports: list[tuple[date, datetime, int, Any]] = []

    @initialize()
    def begin(self) -> None:
        self.today = timezone.now().date()
        self.customer = make_customer().id
        assert LegalEntity.objects.filter(is_default=True).exists()

    @rule(amount=AMOUNTS, currency=CURRENCIES, age=AGES, is_credit=st.booleans())
    def issue(self, amount: int, currency: str, age: int, is_credit: bool) -> None:
        kind = DocumentType.CREDIT_NOTE if is_credit else DocumentType.INVOICE
        total = format(money(amount, currency).amount, "f")
        made = make_issued(self.customer, total, currency=currency, type=kind, issued=self.day(age))
        self.add("doc", made.id, amount, currency, age, is_credit=is_credit)

    @rule(amount=AMOUNTS, currency=CURRENCIES, age=AGES)
    def receive(self, amount: int, currency: str, age: int) -> None:
        made = receiving.receive_payment(
            customer_id=self.customer, money=money(amount, currency), effective_date=self.day(age)
        )
        self.add("pay", made.id, amount, currency, age)

    @precondition(lambda self: self.claims())
    @rule(amount=AMOUNTS, age=AGES, picks=st.lists(st.tuples(PICKS, WISHES), min_size=1, max_size=3))
    def receive_for(self, amount: int, age: int, picks: list[tuple[int, int]]) -> None:
        wants = self.wants(picks)
        currency = self.model.things[wants[0][0]].currency
        new: Key = ("pay", len(self.ids))
        self.model.add(new, amount, currency, DAYS - age)
        refusals = self.model.refusals(new, wants, None)
        made = self.outcome(
            refusals,
            lambda: receiving.receive_payment(
                customer_id=self.customer,
                money=money(amount, currency),
                effective_date=self.day(age),
                shares=self.shares(wants),
            ),
        )
        if made is None:
            del self.model.things[new]
            return
        self.ids[new] = made.id
        self.model.allocate(new, wants, None)
        self.allocations += (
            Allocation.objects.filter(payment_id=made.id).order_by("id").values_list("id", flat=True)
        )

    @precondition(lambda self: self.sources() and self.claims())
    @rule(
        source=PICKS,
        picks=st.lists(st.tuples(PICKS, WISHES), min_size=1, max_size=3),
        age=st.one_of(st.none(), AGES),
    )
    def allocate(self, source: int, picks: list[tuple[int, int]], age: int | None) -> None:
        key = self.pick(self.sources(), source)
        wants = self.wants(picks, most=self.model.left(key))
        on = None if age is None else DAYS - age
        refusals = self.model.refusals(key, wants, on)
        stated = None if age is None else self.day(age)
        rows = self.outcome(
            refusals,
            lambda: (
                allocating.allocate_payment(
                    payment_id=self.ids[key], shares=self.shares(wants), effective_date=stated
                )
                if key[0] == "pay"
                else allocating.allocate_credit(
                    credit_note_id=self.ids[key], shares=self.shares(wants), effective_date=stated
                )
            ),
        )
        if rows is not None:
            self.model.allocate(key, wants, on)
            self.allocations += [row.id for row in rows]

    @precondition(lambda self: self.allocations)
    @rule(pick=PICKS, wish=WISHES, age=AGES)
    def reverse_allocation(self, pick: int, wish: int, age: int) -> None:
        place = pick % len(self.allocations)
        part = self.model.allocations[place]
        self.take_back(
            part,
            wish,
            age,
            lambda amount: allocating.reverse_allocation(
                allocation_id=self.allocations[place],
                reason="taken back",
                amount=amount,
                effective_date=self.day(age),
            ),
        )

    @precondition(lambda self: self.sources())
    @rule(pick=PICKS, wish=WISHES, age=AGES)
    def refund(self, pick: int, wish: int, age: int) -> None:
        key = self.pick(self.sources(), pick)
        amount = wish or max(1, self.model.left(key))
        paid = money(amount, self.model.things[key].currency)
        refusals = self.unless(amount <= self.model.left(key), "above-credit") | self.early(key, age)
        if key[0] == "pay":
            done = self.outcome(
                refusals,
                lambda: refunding.refund_payment(
                    payment_id=self.ids[key], money=paid, effective_date=self.day(age)
                ),
            )
        else:
            done = self.outcome(
                refusals,
                lambda: refunding.refund_credit(
                    credit_note_id=self.ids[key], money=paid, effective_date=self.day(age)
                ),
            )
        if done is not None:
            self.model.pay_out(key, amount, DAYS - age)

    @precondition(lambda self: self.claims())
    @rule(pick=PICKS, wish=WISHES, age=AGES)
    def write_off(self, pick: int, wish: int, age: int) -> None:
        key = self.pick(self.claims(), pick)
        amount = wish or max(1, self.model.left(key))
        refusals = self.unless(amount <= self.model.left(key), "above-balance") | self.early(key, age)
        done: WriteOff | None = self.outcome(
            refusals,
            lambda: writing_off.write_off_invoice(
                invoice_id=self.ids[key],
                reason="not worth a letter",
                money=money(amount, self.model.things[key].currency),
                effective_date=self.day(age),
            ),
        )
        if done is not None:
            self.model.write_off(key, amount, DAYS - age)
            self.write_offs.append(done.id)

    @precondition(lambda self: self.write_offs)
    @rule(pick=PICKS, wish=WISHES, age=AGES)
    def reverse_write_off(self, pick: int, wish: int, age: int) -> None:
        place = pick % len(self.write_offs)
        self.take_back(
            self.model.write_offs[place],
            wish,
            age,
            lambda amount: writing_off.reverse_write_off(
                write_off_id=self.write_offs[place],
                reason="they pay after all",
                amount=amount,
                effective_date=self.day(age),
            ),
        )

    @precondition(lambda self: self.payments())
    @rule(
        pick=PICKS,
        wish=WISHES,
        age=AGES,
        kind=st.sampled_from([ReversalKind.RETURN, ReversalKind.CHARGEBACK, ReversalKind.MISTAKE]),
    )
    def send_back(self, pick: int, wish: int, age: int, kind: ReversalKind) -> None:
        key = self.pick(self.payments(), pick)
        thing = self.model.things[key]
        there = thing.worth - self.model.gone.get(key, 0)
        amount = there if kind is ReversalKind.MISTAKE else wish or max(1, there)
        refusals = self.unless(0 < amount <= there, "above-payment") | self.early(key, age)
        day = self.day(age)
        if kind is ReversalKind.MISTAKE:
            refusals |= self.unless(there == thing.worth, "partly-gone")
            done = self.outcome(
                refusals,
                lambda: returning.reverse_payment(
                    payment_id=self.ids[key], reason="typed twice", effective_date=day
                ),
            )
        else:
            done = self.outcome(
                refusals,
                lambda: returning.return_payment(
                    payment_id=self.ids[key],
                    kind=kind,
                    reason="no funds",
                    money=money(amount, thing.currency),
                    effective_date=day,
                ),
            )
        if done is not None:
            self.model.send_back(key, amount, DAYS - age)

    @rule(age=AGES)
    def report(self, age: int) -> None:
        """What is told of a day now must be told of it for ever."""
        at = receivables.horizon(as_of=self.day(age), known_at=receivables.horizon().known_at)
        Tally.reports += 1
        self.reports.append((at.as_of, at.known_at, self.model.seq + 1, self.told(at.as_of, at.known_at)))

    @invariant()
    def the_figures_are_those_of_the_model(self) -> None:
        if not self.ids:
            return
        payments = {row.id: row for row in Payment.objects.filter(customer_id=self.customer)}
        documents = {row.id: row for row in Invoice.objects.filter(customer_id=self.customer)}
        for key, row_id in self.ids.items():
            worth, left = self.model.things[key].worth, self.model.left(key)
            if key[0] == "pay":
                assert cents(payments[row_id].unallocated_amount) == left
            else:
                document = documents[row_id]
                assert cents(document.payable - document.settled_amount) == left
                wanted = "paid" if left == 0 else "unpaid" if left == worth else "partially_paid"
                assert document.payment_state == wanted
        assert len(payments) + len(documents) == len(self.ids)

    def teardown(self) -> None:
        try:
            self.model.invariant()
            for day, known_at, seq, told in self.reports:
                assert self.told(day, known_at) == told
                assert self.told_by_model(day, seq) == {item.id: cents(item.open) for item in told[0]}
            if self.ids:
                _, found = accounts.account_of(customer_id=self.customer)
                for account in found:
                    assert account.balance == account.claims + account.credit
        finally:
            self.stack.close()

    def told(self, day: date, known_at: datetime) -> Any:
        at = receivables.horizon(as_of=day, known_at=known_at)
        mine = OpenItemFilter(customer=self.customer)
        return (
            receivables.list_open_items(at=at, filters=mine, limit=1000),
            receivables.ageing(at=at, filters=mine),
        )

    def told_by_model(self, day: date, seq: int) -> dict[UUID, int]:
        number = DAYS - (self.today - day).days
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
        self.model.add(key, amount, currency, DAYS - age, is_credit=is_credit)

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
        refusals |= self.unless(part.on <= DAYS - age, "effective-date-too-early")
        named = money(wish, self.model.things[part.doc].currency) if wish else None
        if self.outcome(refusals, lambda: call(named)) is not None:
            self.model.take_back(part, amount, DAYS - age)

    def early(self, key: Key, age: int) -> set[str]:
        return self.unless(self.model.since(key) <= DAYS - age, "effective-date-too-early")

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

    def sources(self) -> list[Key]:
        return [key for key in self.ids if key[0] == "pay" or self.model.things[key].is_credit]

    def claims(self) -> list[Key]:
        return [key for key in self.ids if key[0] == "doc" and not self.model.things[key].is_credit]

    def pick(self, keys: list[Key], number: int) -> Key:
        return keys[number % len(keys)]

    def day(self, age: int) -> date:
        return self.today - timedelta(days=age)
