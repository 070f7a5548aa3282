"""The ledger in plain Python: lists that only grow, every figure added up anew. Cents and day numbers.

It knows nothing of the product. What it says must be refused the product refuses, what it accepts the
product accepts, and both come to the same figures, now and on every day before.
"""

from dataclasses import dataclass, field
from typing import Literal

Key = tuple[Literal["pay", "doc"], int]


@dataclass(frozen=True)
class Thing:
    """A payment or document: what it is worth, in which currency, from which day on."""

    worth: int
    currency: str
    on: int
    seq: int
    is_credit: bool = False


@dataclass(frozen=True)
class Move:
    """What one posting took from, or (below zero) gave back to, the things it touched."""

    on: int
    seq: int
    taken: dict[Key, int]
    gives_back: bool = False


@dataclass
class Part:
    """An allocation or write-off, and what was taken back of it."""

    source: Key | None
    doc: Key
    amount: int
    on: int
    back: int = 0

    @property
    def live(self) -> int:
        return self.amount - self.back


@dataclass
class Model:
    """Payments, documents and what moved between them; `ends` is how much was posted by a midnight."""

    things: dict[Key, Thing] = field(default_factory=dict)
    moves: list[Move] = field(default_factory=list)
    allocations: list[Part] = field(default_factory=list)
    write_offs: list[Part] = field(default_factory=list)
    gone: dict[Key, int] = field(default_factory=dict)
    voided: dict[Key, tuple[int, int]] = field(default_factory=dict)
    ends: dict[int, int] = field(default_factory=dict)
    seq: int = 0

    def add(self, key: Key, worth: int, currency: str, on: int, *, is_credit: bool = False) -> None:
        self.things[key] = Thing(worth, currency, on, self._next(), is_credit)

    def left(self, key: Key) -> int:
        return self.things[key].worth - sum(move.taken.get(key, 0) for move in self.moves)

    def left_as_of(self, key: Key, day: int, seq: int) -> int:
        """What was left at the end of `day`, as far as it was posted before `seq`."""
        thing = self.things[key]
        if thing.on > day or thing.seq >= seq:
            return 0
        if key in self.voided and self.voided[key][0] <= day and self.voided[key][1] < seq:
            return 0
        return thing.worth - sum(
            move.taken.get(key, 0) for move in self.moves if move.on <= day and move.seq < seq
        )

    def since(self, key: Key) -> int:
        """The first day on which something may still be taken from it."""
        back = [move.on for move in self.moves if move.gives_back and key in move.taken]
        return max([self.things[key].on, *back])

    def refusals(self, source: Key | None, wants: list[tuple[Key, int]], on: int | None) -> set[str]:
        """Every reason against settling `wants` (document, amount) out of `source` on a day."""
        found = set()
        total = sum(amount for _, amount in wants)
        if source is not None and total > self.left(source):
            found.add("above-credit")
        for doc, amount in wants:
            if source is not None and self.things[doc].currency != self.things[source].currency:
                found.add("currency-mismatch")
            if amount > self.left(doc):
                found.add("above-balance")
            first = max([self.since(doc)] + ([] if source is None else [self.since(source)]))
            if on is not None and on < first:
                found.add("effective-date-too-early")
        return found

    def allocate(self, source: Key, wants: list[tuple[Key, int]], on: int | None) -> None:
        since, seq = self.since(source), self._next()
        for doc, amount in wants:
            day = max(since, self.since(doc)) if on is None else on
            self.moves.append(Move(day, seq, {source: amount, doc: amount}))
            self.allocations.append(Part(source, doc, amount, day))

    def take_back(self, part: Part, amount: int, on: int) -> None:
        self._give_back(part, amount, on, self._next())

    def pay_out(self, source: Key, amount: int, on: int) -> None:
        self.moves.append(Move(on, self._next(), {source: amount}))
        self.gone[source] = self.gone.get(source, 0) + amount

    def write_off(self, doc: Key, amount: int, on: int) -> None:
        self.moves.append(Move(on, self._next(), {doc: amount}))
        self.write_offs.append(Part(None, doc, amount, on))

    def send_back(self, payment: Key, amount: int, on: int) -> None:
        """The bank takes `amount` away: free credit first, then what was allocated last."""
        missing, seq = amount - self.left(payment), self._next()
        for part in reversed(self.allocations):
            if part.source == payment and part.live and missing > 0:
                taken = min(missing, part.live)
                self._give_back(part, taken, max(on, part.on), seq)
                missing -= taken
        self.moves.append(Move(on, seq, {payment: amount}))
        self.gone[payment] = self.gone.get(payment, 0) + amount

    def is_touched(self, key: Key) -> bool:
        return any(key in move.taken for move in self.moves)

    def void(self, doc: Key, on: int) -> None:
        self.voided[doc] = (on, self._next())

    def end_of_day(self, day: int) -> None:
        """What was posted so far is what that day's midnight knows."""
        self.ends[day] = self.seq

    def invariant(self) -> None:
        """Nothing is ever worth less than was taken from it, on no day, whatever was posted when."""
        days = sorted({move.on for move in self.moves})
        for key, thing in self.things.items():
            for day in days:
                taken = sum(move.taken.get(key, 0) for move in self.moves if move.on <= day)
                assert 0 <= taken <= thing.worth

    def _give_back(self, part: Part, amount: int, on: int, seq: int) -> None:
        part.back += amount
        ends = [part.doc] + ([] if part.source is None else [part.source])
        self.moves.append(Move(on, seq, dict.fromkeys(ends, -amount), gives_back=True))

    def _next(self) -> int:
        self.seq += 1
        return self.seq
