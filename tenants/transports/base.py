"""What a mail transport is, and how it says that it could not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tenants.errors import DomainError, Kind


class MailRefused(DomainError):
    """The mail server refused the message for good."""

    kind, code = Kind.UNPROCESSABLE, "mail-refused"


class MailUnavailable(DomainError):
    """The mail server cannot take the message now."""

    kind, code = Kind.UNAVAILABLE, "mail-unavailable"


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sends to whom; `message_id` tells two deliveries of one message from two messages."""

    message_id: str
    sender: str
    recipients: Sequence[str]


class Transport(Protocol):
    """Takes a composed message. May be called again with the same one after a crash."""

    name: str

    def deliver(self, envelope: Envelope, content: bytes) -> str:
        """Hand the message over; returns what the other side calls it, or "".

        Raises MailRefused where another attempt would be useless, MailUnavailable where it may not be.
        """
        ...
