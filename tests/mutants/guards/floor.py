"""The guards of the trail, idempotency, jobs, secrets and start-up."""

from tests.mutants.guard import Guard, cut, swap

TRAIL = (
    Guard(
        "an entry that arrived is recognised by its event",
        cut("audit/statements/delivery.py", "    ON CONFLICT (event_id) DO NOTHING\n"),
        ("tests/audit/test_delivery.py",),
    ),
    Guard(
        "the main database forgets only what the trail has",
        (
            (
                "audit/services/delivery.py",
                (
                    "        statements.store_entries(trail, batch)\n"
                    '        reached("stored")\n'
                    "        statements.remove_pending(main, batch)\n"
                    '        reached("removed")\n'
                    '    reached("committed")\n'
                ),
                (
                    "        statements.remove_pending(main, batch)\n"
                    '        reached("removed")\n'
                    '    reached("committed")\n'
                    "    statements.store_entries(trail, batch)\n"
                    '    reached("stored")\n'
                ),
            ),
        ),
        ("tests/audit/test_delivery.py",),
    ),
    Guard(
        "the relay holds what it delivers in one transaction",
        swap("audit/services/delivery.py", "with transaction.atomic(using=MAIN):", "if True:"),
        ("tests/audit/test_delivery.py",),
    ),
    Guard(
        "two relays do not take the same entries",
        cut("audit/statements/delivery.py", " FOR UPDATE SKIP LOCKED"),
        ("tests/audit/test_delivery.py",),
    ),
    Guard(
        "a tenant reads its own entries",
        swap(
            "audit/migrations/0002_rights.py",
            "FOR SELECT TO app USING (tenant_id = {CURRENT_TENANT})",
            "FOR SELECT TO app USING (true)",
        ),
        ("tests/audit/test_rights.py",),
    ),
    Guard(
        "redacted columns do not enter the trail",
        swap("audit/functions.py", "CASE WHEN tg_nargs > 1 THEN", "CASE WHEN false THEN"),
        ("tests/audit/test_recording.py",),
    ),
    Guard(
        "an audited table cannot be truncated",
        cut("audit/triggers.py", '        Trigger(table, "audit_truncate", functions.REFUSE_TRUNCATE),\n'),
        ("tests/audit",),
    ),
)

FLOOR = (
    Guard(
        "a key answers only for the body it was used with",
        swap("tenants/services/idempotency.py", "if known.fingerprint != fingerprint:", "if False:"),
        ("tests/tenants/idempotency/test_keys.py",),
    ),
    Guard(
        "a key in flight is held by a lock",
        swap(
            "tenants/statements/idempotency.py",
            "pg_try_advisory_xact_lock(%(lock)s)",
            "(%(lock)s::bigint is not null)",
        ),
        ("tests/tenants/idempotency/test_concurrency.py",),
    ),
    Guard(
        "the answer is kept with the effect",
        swap(
            "tenants/services/idempotency.py",
            "statements.keep(claim, status=answer.status, headers=dict(answer.headers), body=answer.body)",
            "pass",
        ),
        ("tests/tenants/idempotency/test_keys.py",),
    ),
    Guard(
        "dispatchers wait for each other",
        cut("tenants/services/jobs.py", "    statements.exclude_other_dispatchers()\n"),
        ("tests/tenants/jobs",),
    ),
    Guard(
        "a worker that lost its job cannot finish it",
        swap(
            "tenants/services/jobs.py",
            "    if not statements.finish(task, result=result):\n",
            "    if not statements.finish(task, result=result) and False:\n",
        ),
        ("tests/tenants/jobs",),
    ),
    Guard(
        "a job's success commits with its effect",
        swap(
            "tenants/services/jobs.py",
            "@transaction.atomic\ndef _run_whole",
            "def _run_whole",
        ),
        ("tests/tenants/jobs",),
    ),
    Guard(
        "start-up refuses a role that row-level security does not bind",
        swap("tenants/startup.py", "r.rolsuper, r.rolbypassrls", "false, false"),
        ("tests/tenants/identity/test_startup.py",),
    ),
)
