"""What a source of published exchange rates can do."""

from collections.abc import Collection
from datetime import date
from typing import Protocol

from invoicing.domain.exchange import Quote


class RateSource(Protocol):
    """Reference rates that somebody publishes; what it says of a day it says of it for good."""

    name: str

    def quotes(self, *, currencies: Collection[str], first: date, last: date) -> list[Quote]:
        """What was published from `first` to `last` between these currencies, the earliest day first.

        Days on which nothing was published are left out. No network is used.
        """

    def bounds(self) -> tuple[date, date]:
        """The first and the last day it knows of."""
