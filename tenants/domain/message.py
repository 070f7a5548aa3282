"""An e-mail message as bytes (RFC 5322), from parts that cannot break out of their header."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

# One address without a display name; no quoted local parts, no address literals.
_ADDRESS = re.compile(
    r"(?P<local>[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*)@(?P<domain>[^\s@<>,;:\"]+)"
)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """Addresses are normalised ones; `message_id` has its angle brackets; `written_at` is aware."""

    message_id: str
    sender: str
    recipients: Sequence[str]
    subject: str
    text: str
    html: str
    written_at: datetime
    attachments: Sequence[Attachment] = ()


def normalise_address(text: str) -> str | None:
    """The address with its domain in ASCII and lower case (IDNA); None if it is not a bare address."""
    match = _ADDRESS.fullmatch(text)
    if match is None or len(text) > 254 or len(match["local"]) > 64:
        return None
    try:
        domain = match["domain"].encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    if not all(_LABEL.fullmatch(label) for label in domain.split(".")):
        return None
    return f"{match['local']}@{domain}"


def is_one_line(text: str) -> bool:
    """False for whatever could begin another header."""
    return _CONTROL.search(text) is None


def is_media_type(text: str) -> bool:
    """True for `type/subtype` in lower case, without parameters."""
    return _MEDIA_TYPE.fullmatch(text) is not None


def compose(message: Message) -> bytes:
    """The message as it goes over the wire, with CRLF."""
    mail = EmailMessage(policy=SMTP)
    mail["Message-ID"] = message.message_id
    mail["Date"] = message.written_at
    mail["From"] = Address(addr_spec=message.sender)
    mail["To"] = tuple(Address(addr_spec=recipient) for recipient in message.recipients)
    mail["Subject"] = message.subject
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text)
    if message.html:
        mail.add_alternative(message.html, subtype="html")
    for attachment in message.attachments:
        maintype, subtype = attachment.media_type.split("/", 1)
        mail.add_attachment(attachment.content, maintype=maintype, subtype=subtype, filename=attachment.name)
    return mail.as_bytes()
