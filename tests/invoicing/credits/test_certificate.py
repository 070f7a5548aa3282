"""The certificate of numbers, and the check that finds what is planted (invariant 5)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from django.db import connections, transaction

from invoicing.models import SeriesCounter
from invoicing.selectors.certificates import certificate_of, numbering_faults
from invoicing.services.creating import create_invoices
from invoicing.statements import certificates
from tenants.errors import NotFound
from tenants.models import Tenant
from tests.factories import scope_of
from tests.factories.invoicing import a_draft


@pytest.fixture
def series(buyer: UUID) -> UUID:
    """A series with the numbers 1 to 5."""
    issued = create_invoices(drafts=[a_draft(buyer)] * 5, issue=True)
    return issued[0].series


def test_a_certificate_lists_each_number_with_its_document(series: UUID) -> None:
    certificate = certificate_of(series_id=series, limit=10)
    assert [row.sequence for row in certificate.numbers] == [1, 2, 3, 4, 5]
    assert (certificate.last, certificate.documents, certificate.period) == (5, 5, certificate.periods[0])
    assert certificate.is_contiguous
    canonical = "".join(
        f"{row.sequence}|{row.number}|{row.id}|{row.state}|{row.issue_date}|{row.currency}|{row.total}\n"
        for row in certificate.numbers
    )
    assert certificate.digest == sha256(canonical.encode()).hexdigest()


def test_the_digest_is_of_all_numbers_whatever_part_is_shown(series: UUID) -> None:
    whole = certificate_of(series_id=series, limit=10)
    part = certificate_of(series_id=series, limit=2, after=3)
    assert [row.sequence for row in part.numbers] == [4, 5]
    assert part.digest == whole.digest


def test_an_unused_series_and_an_unknown_period_have_an_empty_certificate(series: UUID) -> None:
    empty = certificate_of(series_id=series, period="1999", limit=10)
    assert (empty.last, empty.documents, empty.is_contiguous, empty.numbers) == (0, 0, True, ())
    assert empty.digest == sha256(b"").hexdigest()


def test_a_foreign_series_has_none(globex: Tenant, series: UUID) -> None:
    with scope_of(globex), pytest.raises(NotFound):
        certificate_of(series_id=series, limit=10)


@contextmanager
def unguarded() -> Iterator[Any]:
    """As the owner, without triggers and without the unique keys, in a transaction that is rolled back."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE invoicing_invoice DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE invoicing_seriescounter DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE invoicing_invoice DROP CONSTRAINT invoicing_invoice_sequence")
        yield cursor
        transaction.set_rollback(True, using="owner")


def found(cursor: Any, tenant: Tenant) -> list[tuple[str, int, int]]:
    cursor.execute(certificates.FAULTS, {"tenant": tenant.id, "series": None})
    return [(kind, first, last) for _, _, kind, first, last in cursor.fetchall()]


MINE = "tenant_id = %(tenant)s"
MOVE = "UPDATE invoicing_invoice SET sequence ="
COUNT = "UPDATE invoicing_seriescounter SET last ="
PLANTED: dict[str, tuple[str, list[tuple[str, int, int]]]] = {
    "nothing": ("SELECT %(tenant)s::uuid", []),
    "one is missing": (
        f"{MOVE} 1000 WHERE {MINE} AND sequence = 3; {COUNT} 1000 WHERE {MINE}",
        [("gap", 3, 3), ("gap", 6, 999)],
    ),
    "the first is missing": (
        f"{MOVE} 6 WHERE {MINE} AND sequence = 1; {COUNT} 6 WHERE {MINE}",
        [("gap", 1, 1)],
    ),
    "one stands twice": (
        f"{MOVE} 4 WHERE {MINE} AND sequence = 5",
        [("duplicate", 4, 4), ("gap", 5, 5)],
    ),
    "the last was drawn and is gone": (
        f"{COUNT} 7 WHERE {MINE}",
        [("gap", 6, 7)],
    ),
    "one was never drawn": (
        f"{COUNT} 4 WHERE {MINE}",
        [("beyond", 5, 5)],
    ),
    "the counter is gone": (
        f"DELETE FROM invoicing_seriescounter WHERE {MINE}",
        [("beyond", 1, 5)],
    ),
}


@pytest.mark.usefixtures("series")
@pytest.mark.parametrize("what", PLANTED)
def test_the_check_finds_what_was_planted(acme: Tenant, what: str) -> None:
    edits, expected = PLANTED[what]
    with unguarded() as cursor:
        for edit in edits.split(";"):
            cursor.execute(edit, {"tenant": acme.id})
        assert found(cursor, acme) == expected
    assert numbering_faults() == []


def test_a_certificate_says_what_is_wrong_with_its_period(series: UUID) -> None:
    SeriesCounter.objects.filter(series_id=series).update(last=9)
    certificate = certificate_of(series_id=series, limit=10)
    assert not certificate.is_contiguous
    assert [(fault.kind, fault.first, fault.last) for fault in certificate.faults] == [("gap", 6, 9)]
    assert certificate_of(series_id=series, period="1999", limit=10).is_contiguous


def test_periods_are_certified_one_by_one(buyer: UUID) -> None:
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 2)]
    series = create_invoices(drafts=[a_draft(buyer, issue_date=day) for day in days], issue=True)[0].series
    assert certificate_of(series_id=series, limit=9).periods == ("2026", "2025")
    assert certificate_of(series_id=series, limit=9).documents == 2
    assert certificate_of(series_id=series, period="2025", limit=9).documents == 1
