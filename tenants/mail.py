"""The outbox for mail: written with the business data, delivered by a job after the commit.

    mail.send(to=["buyer@example.com"], subject="Invoice 2026-00017", text=…, attachments=[stored_pdf])

A message leaves at least once. Its Message-ID is drawn here and kept, so the file transport writes one
file however often it is asked, and a mail reader shows a message that an SMTP server got twice once.
"""

from collections.abc import Sequence

from tenants.domain.message import is_media_type, is_one_line, normalise_address
from tenants.errors import FieldError, InvalidInput
from tenants.files import StoredFile
from tenants.models import OutgoingMail
from tenants.services import mail as services

MAX_RECIPIENTS = 50
MAX_SUBJECT = 300


def send(
    *,
    to: Sequence[str],
    subject: str,
    text: str,
    html: str = "",
    attachments: Sequence[StoredFile] = (),
    is_confidential: bool = False,
) -> OutgoingMail:
    """Put a message into the outbox, in the caller's transaction and scope.

    `to` are bare addresses, `attachments` files of the tenant's store. The text of a confidential one
    is kept until it has left, no longer. Raises InvalidInput where an address is none, or where a
    subject or a file's name could begin another header.
    """
    addresses = [normalise_address(address) for address in to]
    faults = [
        FieldError(f"/to/{place}", "invalid-address", "Expected an e-mail address such as name@example.com.")
        for place, address in enumerate(addresses)
        if address is None
    ]
    if not 1 <= len(to) <= MAX_RECIPIENTS:
        faults.append(FieldError("/to", "out-of-range", f"Expected 1 to {MAX_RECIPIENTS} addresses."))
    if not is_one_line(subject) or not 1 <= len(subject) <= MAX_SUBJECT:
        faults.append(
            FieldError("/subject", "not-a-line", f"Expected one line of 1 to {MAX_SUBJECT} characters.")
        )
    faults += [
        FieldError(f"/attachments/{place}", "not-a-line", "Expected a name of one line and a media type.")
        for place, file in enumerate(attachments)
        if not is_one_line(file.name) or not is_media_type(file.content_type)
    ]
    if faults:
        raise InvalidInput(faults)
    return services.enqueue(
        recipients=[address for address in addresses if address],
        subject=subject,
        text=text,
        html=html,
        attachments=[
            {"file": str(file.id), "name": file.name, "media_type": file.content_type} for file in attachments
        ],
        is_confidential=is_confidential,
    )
