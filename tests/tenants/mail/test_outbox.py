"""Mail leaves after the commit, once, and nobody can write headers into it."""

import email
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from django.db import transaction
from django.test.utils import override_settings

from tenants import files, mail
from tenants.errors import InvalidInput, NotFound
from tenants.models import Job, OutgoingMail, Tenant
from tenants.transports.registry import transport
from tenants.workflows.mail import deliver
from tests.factories import scope_of


class Undone(Exception):
    """Ends a transaction that must not leave a message."""


@pytest.fixture(autouse=True)
def directory(tmp_path: Path) -> Iterator[Path]:
    """An empty folder for the file transport."""
    with override_settings(MAIL_TRANSPORT="file", MAIL_DIRECTORY=tmp_path / "mail", DATA_DIR=tmp_path):
        transport.cache_clear()
        yield tmp_path / "mail"
    transport.cache_clear()


def read(path: Path) -> EmailMessage:
    message = email.message_from_bytes(path.read_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    return message


def test_a_message_is_a_row_and_a_job_of_one_transaction(acme: Tenant) -> None:
    with scope_of(acme):
        sent = mail.send(to=["ada@example.com"], subject="Hello", text="…")
        job = Job.objects.get()
        assert (job.name, job.args) == ("tenants.deliver_mail", {"mail_id": str(sent.id)})
        assert sent.sent_at is None


@transaction.atomic
def send_and_undo() -> None:
    mail.send(to=["ada@example.com"], subject="Never", text="…")
    raise Undone


def test_a_rollback_leaves_no_message(acme: Tenant, directory: Path) -> None:
    with scope_of(acme):
        with pytest.raises(Undone):
            send_and_undo()
        assert (OutgoingMail.objects.count(), Job.objects.count()) == (0, 0)
    assert not directory.exists()


def test_a_message_carries_text_page_and_attachments(acme: Tenant, directory: Path) -> None:
    with scope_of(acme):
        pdf = files.store().save(b"%PDF-1.7", content_type="application/pdf", name="Rechnung Nº 1.pdf")
        sent = mail.send(
            to=["ada@example.com", "bob@bücher.example"],
            subject="Rechnung über 119,00 €",
            text="Grüße",
            html="<p>Grüße</p>",
            attachments=[pdf],
        )
        deliver(mail_id=sent.id)
        assert OutgoingMail.objects.get(id=sent.id).sent_at is not None
    (path,) = directory.glob("*.eml")
    message = read(path)
    assert message["Message-ID"] == sent.message_id
    assert message["Subject"] == "Rechnung über 119,00 €"
    assert message["To"] == "ada@example.com, bob@xn--bcher-kva.example"
    (attachment,) = message.iter_attachments()
    assert attachment.get_filename() == "Rechnung Nº 1.pdf"
    assert attachment.get_content() == b"%PDF-1.7"
    page = message.get_body(("html",))
    assert page is not None
    assert page.get_content().strip() == "<p>Grüße</p>"


def test_a_message_that_is_delivered_again_is_one_file(acme: Tenant, directory: Path) -> None:
    with scope_of(acme):
        sent = mail.send(to=["ada@example.com"], subject="Once", text="…", html="<p>…</p>")
        deliver(mail_id=sent.id)
        written = [path.read_bytes() for path in directory.iterdir()]
        # As if the worker had died between the transport's yes and the note of it.
        OutgoingMail.objects.filter(id=sent.id).update(sent_at=None)
        deliver(mail_id=sent.id)
        deliver(mail_id=sent.id)
    assert [path.read_bytes() for path in directory.iterdir()] == written
    assert len(written) == 1


def test_a_foreign_tenants_message_cannot_be_delivered(acme: Tenant, globex: Tenant, directory: Path) -> None:
    with scope_of(globex):
        foreign = mail.send(to=["ada@example.com"], subject="Secret", text="…")
    with scope_of(acme), pytest.raises(NotFound):
        deliver(mail_id=foreign.id)
    assert not directory.exists()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada",
        "ada@",
        "@example.com",
        "ada@example.com\r\nBcc: eve@example.com",
        "ada@example.com, eve@example.com",
        "Ada <ada@example.com>",
        '"a b"@example.com',
        "ada@[127.0.0.1]",
        "ada@-example.com",
        "ada@exa mple.com",
        "ädа@example.com",
        "a" * 65 + "@example.com",
        "ada@" + "a" * 64 + ".com",
    ],
)
def test_what_is_not_one_bare_address_is_refused(address: str, acme: Tenant) -> None:
    with scope_of(acme):
        with pytest.raises(InvalidInput) as caught:
            mail.send(to=["bob@example.com", address], subject="Hello", text="…")
        assert [fault.pointer for fault in caught.value.errors] == ["/to/1"]
        assert OutgoingMail.objects.count() == 0


@pytest.mark.parametrize(
    "subject", ["", "a\r\nBcc: eve@example.com", "a\nb", "a\x00b", "a\u2028b", "a" * 301]
)
def test_a_subject_cannot_begin_another_header(subject: str, acme: Tenant) -> None:
    with scope_of(acme), pytest.raises(InvalidInput):
        mail.send(to=["ada@example.com"], subject=subject, text="…")


def test_an_attachments_name_cannot_begin_another_header(acme: Tenant) -> None:
    with scope_of(acme):
        file = files.store().save(b"x", content_type="text/plain", name="a\r\nX-Evil: 1")
        with pytest.raises(InvalidInput):
            mail.send(to=["ada@example.com"], subject="Hello", text="…", attachments=[file])


def test_nobody_and_too_many_recipients_are_refused(acme: Tenant) -> None:
    for to in ([], [f"ada{number}@example.com" for number in range(51)]):
        with scope_of(acme), pytest.raises(InvalidInput):
            mail.send(to=to, subject="Hello", text="…")
