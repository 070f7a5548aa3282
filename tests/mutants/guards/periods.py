"""The guards of closed periods and of due dates."""

from tests.mutants.guard import guard

FOLDER = "tests/invoicing/periods"
CLOSING = f"{FOLDER}/test_closing.py"
POSTINGS = f"{FOLDER}/test_postings.py"
WAITING = f"{FOLDER}/test_waiting.py"
SCHEDULE = "tests/invoicing/domain/test_schedule.py"
RULES = "invoicing/migrations/0011_period_locks.py"
LOCKS = "invoicing/services/period_locks.py"


PERIODS = (
    guard(
        "documents of a closed period are refused (the triggers)",
        RULES,
        "        migrations.RunSQL(DOCUMENTS, migrations.RunSQL.noop),\n",
        "",
        CLOSING,
    ),
    guard(
        "a document is not voided out of a closed period",
        RULES,
        "WHEN (OLD.state <> NEW.state) EXECUTE",
        "WHEN (OLD.state = 'draft' AND NEW.state <> 'draft') EXECUTE",
        CLOSING,
    ),
    guard(
        "postings of a closed period are refused (the triggers)",
        RULES,
        "        migrations.RunSQL(POSTINGS, migrations.RunSQL.noop),\n",
        "",
        POSTINGS,
    ),
    guard(
        "a lock is kept as it is",
        RULES,
        "        migrations.RunSQL(RELEASES, migrations.RunSQL.noop),\n",
        "",
        CLOSING,
    ),
    guard(
        "the last closed day is closed",
        RULES,
        "IF of_day <= closed THEN",
        "IF of_day < closed THEN",
        CLOSING,
        POSTINGS,
    ),
    guard(
        "the latest lock decides",
        RULES,
        "ORDER BY closed_through DESC LIMIT 1",
        "ORDER BY closed_through LIMIT 1",
        CLOSING,
    ),
    guard(
        "whoever closes waits for who is posting, and holds them up",
        LOCKS,
        "    today = posting.hold_ledger().today\n",
        "    today = posting.join_ledger().today\n",
        WAITING,
    ),
    guard(
        "only days that are over are closed",
        "invoicing/domain/periods.py",
        "        raise DayNotOver(",
        "        DayNotOver(",
        CLOSING,
    ),
    guard(
        "the latest lock is released first",
        "invoicing/domain/periods.py",
        "        raise LaterLockInForce\n",
        "        pass\n",
        CLOSING,
    ),
    guard(
        "a refusal says which day is open",
        "invoicing/services/open_periods.py",
        "        raise periods.refusal(closed_through, pointer=pointer) from error\n",
        "        raise\n",
        CLOSING,
        POSTINGS,
    ),
    guard(
        "what names no day counts from an open one",
        "invoicing/domain/ledger.py",
        "earliest if on else max(earliest, first_open)",
        "earliest",
        POSTINGS,
    ),
    guard(
        "a day that a month has not is its last one",
        "invoicing/domain/schedule.py",
        "    return _with_day(date(day.year + years, month + 1, 1), day.day)\n",
        "    return date(day.year + years, month + 1, day.day)\n",
        SCHEDULE,
    ),
    guard(
        "nothing is due before it is issued",
        "invoicing/domain/schedule.py",
        "    return max(issue_date, due)\n",
        "    return due\n",
        SCHEDULE,
    ),
    guard(
        "members of payment terms go together",
        "invoicing/domain/schedule.py",
        "    if faults:\n",
        "    if False:\n",
        SCHEDULE,
    ),
    guard(
        "public holidays are no working days",
        "invoicing/domain/working_days.py",
        "    return _calendar(country, day.year)(day)\n",
        "    return is_weekday(day)\n",
        SCHEDULE,
    ),
    guard(
        "the trail is told who opened a period again",
        LOCKS,
        '    _publish("period.released", lock, reason=reason)\n',
        "",
        CLOSING,
    ),
    guard(
        "calculate answers the due date that issuing gives",
        "invoicing/selectors/calculations.py",
        "    return terms.due_date if rule is None else due\n",
        "    return terms.due_date\n",
        "tests/invoicing/api/test_due_dates.py::test_calculate_answers_the_due_date_that_issuing_gives",
    ),
)
