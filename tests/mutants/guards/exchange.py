"""The guards of exchange rates and book values."""

from tests.mutants.guard import guard

FOLDER = "tests/invoicing/exchange"


EXCHANGE = (
    guard(
        "a rate is no older than a week",
        "invoicing/domain/exchange.py",
        "if earliest(day) <= quote.day <= day and",
        "if quote.day <= day and",
        f"{FOLDER}/test_domain.py",
    ),
    guard(
        "a rate of a later day is not used",
        "invoicing/domain/exchange.py",
        "if earliest(day) <= quote.day <= day and",
        "if earliest(day) <= quote.day and",
        f"{FOLDER}/test_domain.py",
    ),
    guard(
        "a report knows no rate that was recorded after it",
        "invoicing/selectors/base_currency.py",
        "last=at.as_of, known_at=at.known_at\n    )\n    valued",
        "last=at.as_of\n    )\n    valued",
        f"{FOLDER}/test_reports.py",
    ),
    guard(
        "a credit note is converted as its invoice was",
        "invoicing/services/freezing.py",
        "    if record.corrects is not None:\n        return exchanging",
        "    if record.corrects is None:\n        return exchanging",
        f"{FOLDER}/test_issuing.py",
    ),
    guard(
        "the currency of books that are kept stays",
        "invoicing/services/legal_entities.py",
        '        raise BooksAreKept(pointer="/currency")',
        "        return",
        f"{FOLDER}/test_issuing.py",
    ),
    guard(
        "a book value adds up (deferred check)",
        "invoicing/migrations/0015_book_values.py",
        "PERFORM invoicing_check_book(NEW.tenant_id, NULL, document);",
        "NULL;",
        f"{FOLDER}/test_book_values.py",
    ),
)
