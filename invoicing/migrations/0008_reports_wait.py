"""A report waits for the postings under way when it was asked for, and nobody waits for a report."""

from django.db import migrations

# Whoever posts shares the tenant's ledger lock until the commit. No report takes it alone: who queued for it
# would hold up all later postings, and one session that hangs the whole tenant. Locks are let go after the
# commit is visible, so what the next statement reads is complete. A bigint key stands in two halves.
AWAIT = """
CREATE FUNCTION invoicing_await_postings(of_tenant uuid, patience interval) RETURNS void
    LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    key CONSTANT bigint := hashtextextended('ledger:' || of_tenant::text, 0);
    until CONSTANT timestamptz := clock_timestamp() + patience;
    under_way text[] := NULL;
    still text[];
BEGIN
    LOOP
        SELECT array_agg(virtualtransaction) INTO still FROM pg_locks
        WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND pid IS DISTINCT FROM pg_backend_pid()
              AND classid = ((key >> 32) & 4294967295)::oid AND objid = (key & 4294967295)::oid
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND (under_way IS NULL OR virtualtransaction = ANY (under_way));
        EXIT WHEN still IS NULL;
        IF clock_timestamp() > until THEN
            RAISE EXCEPTION 'postings under way have not finished' USING ERRCODE = 'lock_not_available';
        END IF;
        under_way := still;
        PERFORM pg_sleep(0.002);
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0007_correction_rules")]

    operations = [migrations.RunSQL(AWAIT, "DROP FUNCTION invoicing_await_postings(uuid, interval)")]
