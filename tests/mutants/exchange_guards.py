"""The guards of exchange rates and book values; as `tests.mutants.guards` has the others."""

from tests.mutants.guards import Guard

EXCHANGE = "tests/invoicing/exchange"


def _guard(name: str, path: str, text: str, replacement: str, test: str) -> Guard:
    return Guard(name, ((path, text, replacement),), (f"{EXCHANGE}/{test}",))


GUARDS = (
    _guard(
        "a rate is no older than a week",
        "invoicing/domain/exchange.py",
        "if earliest(day) <= quote.day <= day and",
        "if quote.day <= day and",
        "test_domain.py",
    ),
    _guard(
        "a rate of a later day is not used",
        "invoicing/domain/exchange.py",
        "if earliest(day) <= quote.day <= day and",
        "if earliest(day) <= quote.day and",
        "test_domain.py",
    ),
    _guard(
        "a report knows no rate that was recorded after it",
        "invoicing/selectors/base_currency.py",
        "last=at.as_of, known_at=at.known_at\n    )\n    valued",
        "last=at.as_of\n    )\n    valued",
        "test_reports.py",
    ),
    _guard(
        "a credit note is converted as its invoice was",
        "invoicing/services/freezing.py",
        "    if record.corrects is not None:\n        return exchanging",
        "    if record.corrects is None:\n        return exchanging",
        "test_issuing.py",
    ),
    _guard(
        "the currency of books that are kept stays",
        "invoicing/services/legal_entities.py",
        '        raise BooksAreKept(pointer="/currency")',
        "        return",
        "test_issuing.py",
    ),
    _guard(
        "a book value adds up (deferred check)",
        "invoicing/migrations/0015_book_values.py",
        "PERFORM invoicing_check_book(NEW.tenant_id, NULL, document);",
        "NULL;",
        "test_book_values.py",
    ),
)
