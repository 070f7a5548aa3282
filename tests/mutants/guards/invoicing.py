"""The guards of documents, numbers and totals."""

from tests.mutants.guard import Guard, cut, swap

INVOICING = (
    Guard(
        "an issued document cannot be changed",
        cut(
            "invoicing/migrations/0003_frozen_documents.py",
            "        migrations.RunSQL(FROZEN_INVOICE, migrations.RunSQL.noop),\n",
        ),
        ("tests/invoicing/test_creating.py", "tests/invoicing/api"),
    ),
    Guard(
        "the lines of an issued document cannot be changed",
        cut(
            "invoicing/migrations/0003_frozen_documents.py",
            "        migrations.RunSQL(FROZEN_LINES, migrations.RunSQL.noop),\n",
        ),
        ("tests/invoicing/test_creating.py", "tests/invoicing/api"),
    ),
    Guard(
        "a number is drawn from a locked counter, not as max()+1 (batches)",
        (
            (
                "invoicing/statements/documents.py",
                "        DO UPDATE SET last = counter.last + excluded.last, updated_at = now()\n",
                (
                    "        DO UPDATE SET last = (SELECT coalesce(max(sequence), 0) FROM invoicing_invoice\n"
                    "            WHERE i.tenant_id = counter.tenant_id AND i.series_id = counter.series_id\n"
                    "              AND i.period = counter.period) + excluded.last, updated_at = now()\n"
                ),
            ),
        ),
        ("tests/invoicing/test_numbering.py",),
    ),
    Guard(
        "a number is drawn from a locked counter, not as max()+1 (drafts)",
        (
            (
                "invoicing/statements/documents.py",
                "DO UPDATE SET last = counter.last + 1, updated_at = now()",
                (
                    "DO UPDATE SET last = (SELECT coalesce(max(i.sequence), 0) + 1 FROM invoicing_invoice i\n"
                    "            WHERE i.tenant_id = counter.tenant_id AND i.series_id = counter.series_id\n"
                    "              AND i.period = counter.period), updated_at = now()"
                ),
            ),
        ),
        ("tests/invoicing/test_numbering.py",),
    ),
    Guard(
        "a draft is locked while it is changed",
        swap(
            "invoicing/services/editing.py",
            "Invoice.objects.select_for_update(no_key=True).filter(id=invoice_id)",
            "Invoice.objects.filter(id=invoice_id)",
        ),
        ("tests/invoicing/test_locking.py",),
    ),
    Guard(
        "a stale version is refused",
        swap("invoicing/services/editing.py", "    if version != expected:\n", "    if False:\n"),
        ("tests/invoicing/test_creating.py", "tests/invoicing/api"),
    ),
)
