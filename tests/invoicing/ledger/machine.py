"""Random histories of the ledger, step by step beside the model in plain Python (invariant 4)."""

from datetime import timedelta

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from invoicing.domain.ledger import ReversalKind
from invoicing.models import Allocation, Invoice, LegalEntity, Payment, WriteOff
from invoicing.selectors import accounts, receivables
from invoicing.services import allocating, receiving, refunding, returning, voiding, writing_off
from tests.factories.invoicing import make_customer
from tests.invoicing.ledger.history import DAYS, History, Report, Tally, cents, money
from tests.invoicing.ledger.model import Key
from tests.invoicing.ledger.nights import a_day_passes

AMOUNTS = st.integers(1, 9_999)
# Mostly of late, so that most of what is tried can be done.
AGES = st.one_of(st.just(0), st.integers(0, 2), st.integers(0, DAYS))
CURRENCIES = st.sampled_from(["EUR", "EUR", "EUR", "USD"])
PICKS = st.integers(0, 999)
# Amounts that fit exactly are what is most often got wrong.
WISHES = st.one_of(st.just(0), st.integers(1, 300), AMOUNTS)
SUMS = ("amount", "allocated_amount", "refunded_amount", "returned_amount")


class LedgerMachine(History):
    """Every rule asks the model first; the product must refuse for a reason of the model's, or do it."""

    @initialize(things=st.lists(st.tuples(AMOUNTS, CURRENCIES, AGES), min_size=1, max_size=3))
    def begin(self, things: list[tuple[int, str, int]]) -> None:
        self.today = timezone.now().date()
        self.customer = make_customer().id
        assert LegalEntity.objects.filter(is_default=True).exists()
        for amount, currency, age in things:
            self.issue_one(amount, currency, age, is_credit=False)
            self.receive_one(amount + 50, currency, age)
        self.issue_one(75, "EUR", DAYS, is_credit=True)

    @rule(amount=AMOUNTS, currency=CURRENCIES, age=AGES, kind=st.sampled_from(["invoice", "note", "money"]))
    def something_comes(self, amount: int, currency: str, age: int, kind: str) -> None:
        if kind == "money":
            self.receive_one(amount, currency, age)
        else:
            self.issue_one(amount, currency, age, is_credit=kind == "note")

    @precondition(lambda self: self.claims())
    @rule(amount=AMOUNTS, age=AGES, picks=st.lists(st.tuples(PICKS, WISHES), min_size=1, max_size=3))
    def receive_for(self, amount: int, age: int, picks: list[tuple[int, int]]) -> None:
        wants = self.wants(picks)
        currency = self.model.things[wants[0][0]].currency
        new: Key = ("pay", len(self.ids))
        self.model.add(new, amount, currency, self.number(age))
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
        on = None if age is None else self.number(age)
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
            self.model.pay_out(key, amount, self.number(age))

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
            self.model.write_off(key, amount, self.number(age))
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
            self.model.send_back(key, amount, self.number(age))

    @precondition(lambda self: self.documents())
    @rule(pick=PICKS)
    def void(self, pick: int) -> None:
        key = self.pick(self.documents(), pick)
        refusals = self.unless(not self.model.is_touched(key), "left-the-house")
        done = self.outcome(
            refusals, lambda: voiding.void_invoice(invoice_id=self.ids[key], reason="nobody saw it")
        )
        if done is not None:
            self.model.void(key, self.number(0))

    @precondition(lambda self: self.model.seq > self.model.ends.get(self.number(1), 0))
    @rule()
    def night(self) -> None:
        self.model.end_of_day(self.number(0))
        a_day_passes(self.customer)
        self.nights += 1
        Tally.nights += 1

    @rule(age=st.integers(1, 4), is_past=st.booleans())
    def report(self, age: int, is_past: bool) -> None:
        """What is told of a day now must be told of it for ever."""
        if is_past:
            self.report_of_a_day_that_is_over(self.number(age))
            return
        known_at = receivables.horizon().known_at
        number, told = self.number(age - 1), self.told(self.number(age - 1), known_at)
        Tally.reports += 1
        self.reports.append(Report(number, known_at, self.nights, self.model.seq + 1, told))

    @invariant()
    def the_figures_are_those_of_the_model(self) -> None:
        if not self.ids:
            return
        payments = {
            row.id: row.unallocated_amount
            for row in Payment.objects.filter(customer_id=self.customer).only(*SUMS)
        }
        rows = Invoice.objects.filter(customer_id=self.customer)
        columns = rows.values_list("id", "payable", "settled_amount", "payment_state")
        documents = {row_id: (payable - settled, state) for row_id, payable, settled, state in columns}
        for key, row_id in self.ids.items():
            worth, left = self.model.things[key].worth, self.model.left(key)
            if key[0] == "pay":
                assert cents(payments[row_id]) == left
            else:
                wanted = "paid" if left == 0 else "unpaid" if left == worth else "partially_paid"
                assert (cents(documents[row_id][0]), documents[row_id][1]) == (left, wanted)
        assert len(payments) + len(documents) == len(self.ids)

    def teardown(self) -> None:
        try:
            self.model.invariant()
            for one in self.reports:
                known_at = one.known_at - timedelta(days=self.nights - one.nights)
                assert self.told(one.number, known_at) == one.told
                assert self.told_by_model(one.number, one.seq) == self.figures(one.told)
            for number, told in self.finals.items():
                assert self.told(number) == told
            if self.ids:
                _, found = accounts.account_of(customer_id=self.customer)
                for account in found:
                    assert account.balance == account.claims + account.credit
        finally:
            self.stack.close()
