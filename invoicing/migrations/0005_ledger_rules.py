"""The ledger is append-only and adds up at every commit (invariant 4), whoever writes and however."""

from django.db import migrations

from tenants.ddl import TenantTable

APPEND_ONLY = ("invoicing_allocation", "invoicing_refund", "invoicing_writeoff", "invoicing_reversal")
STAMPED = (*APPEND_ONLY, "invoicing_payment")

STAMP = """
CREATE FUNCTION invoicing_stamp_posting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.recorded_at := invoicing_ledger_moment();
    RETURN NEW;
END $$;
""" + "".join(
    f"""
CREATE TRIGGER invoicing_stamp BEFORE INSERT ON {table}
    FOR EACH ROW EXECUTE FUNCTION invoicing_stamp_posting();
"""
    for table in STAMPED
)

# A document enters the books when it is issued and leaves them when it is voided, at that moment.
DOCUMENT_MOMENTS = """
CREATE FUNCTION invoicing_stamp_issue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.recorded_at := invoicing_ledger_moment();
    RETURN NEW;
END $$;
CREATE TRIGGER invoicing_stamp_issue BEFORE UPDATE ON invoicing_invoice
    FOR EACH ROW WHEN (OLD.state = 'draft' AND NEW.state <> 'draft') EXECUTE FUNCTION invoicing_stamp_issue();

CREATE FUNCTION invoicing_stamp_void() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.voided_at := invoicing_ledger_moment();
    NEW.voided_on := greatest(NEW.issue_date, NEW.reopened_on, coalesce(NEW.voided_on, (SELECT
        (NEW.voided_at AT TIME ZONE time_zone)::date FROM tenants_tenant WHERE id = NEW.tenant_id)));
    RETURN NEW;
END $$;
CREATE TRIGGER invoicing_stamp_void BEFORE UPDATE ON invoicing_invoice
    FOR EACH ROW WHEN (OLD.state <> 'voided' AND NEW.state = 'voided') EXECUTE FUNCTION invoicing_stamp_void();
"""

REFUSALS = """
CREATE FUNCTION invoicing_refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: a row of % is taken back by a reversal', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'invoicing_append_only';
END $$;

CREATE FUNCTION invoicing_refuse_payment_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moving CONSTANT text[] := ARRAY['allocated_amount', 'refunded_amount', 'returned_amount', 'reopened_on',
                                    'metadata', 'version', 'updated_at'];
BEGIN
    IF TG_OP = 'DELETE' OR (to_jsonb(OLD) - moving) IS DISTINCT FROM (to_jsonb(NEW) - moving) THEN
        RAISE EXCEPTION 'a payment is posted for good: what became of it is posted beside it'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'invoicing_append_only';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER invoicing_append_only BEFORE UPDATE OR DELETE ON invoicing_payment
    FOR EACH ROW EXECUTE FUNCTION invoicing_refuse_payment_change();
""" + "".join(
    f"""
CREATE TRIGGER invoicing_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION invoicing_refuse_ledger_change();
"""
    for table in APPEND_ONLY
)

# Services decide under locks; these look again at commit, at the rows alone. `used` is what has left by the
# end of each day: a posting dated back must not make an earlier day owe what was not there.
CHECKS = """
CREATE FUNCTION invoicing_check_payment(of_tenant uuid, of_payment uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    kept record;
    found record;
BEGIN
    SELECT * INTO STRICT kept FROM invoicing_payment WHERE tenant_id = of_tenant AND id = of_payment;
    WITH moved AS (
        SELECT effective_date, currency, amount AS allocated, 0 AS refunded, 0 AS returned
        FROM invoicing_allocation WHERE tenant_id = of_tenant AND payment_id = of_payment
        UNION ALL
        SELECT effective_date, currency, CASE kind WHEN 'allocation' THEN -amount ELSE 0 END, 0,
               CASE kind WHEN 'allocation' THEN 0 ELSE amount END
        FROM invoicing_reversal WHERE tenant_id = of_tenant AND payment_id = of_payment
        UNION ALL
        SELECT effective_date, currency, 0, amount, 0
        FROM invoicing_refund WHERE tenant_id = of_tenant AND payment_id = of_payment
    ), daily AS (
        SELECT effective_date, sum(allocated) AS allocated, sum(refunded) AS refunded,
               sum(returned) AS returned, bool_and(currency = kept.currency) AS alike,
               sum(sum(allocated + refunded + returned)) OVER (ORDER BY effective_date) AS used
        FROM moved GROUP BY effective_date
    )
    SELECT coalesce(sum(allocated), 0) AS allocated, coalesce(sum(refunded), 0) AS refunded,
           coalesce(sum(returned), 0) AS returned, coalesce(max(used), 0) AS most, coalesce(min(used), 0) AS least,
           coalesce(bool_and(alike), true) AS alike, min(effective_date) AS first INTO found FROM daily;
    IF (found.allocated, found.refunded, found.returned)
           IS DISTINCT FROM (kept.allocated_amount, kept.refunded_amount, kept.returned_amount)
       OR found.most > kept.amount OR found.least < 0 OR NOT found.alike OR found.first < kept.effective_date THEN
        RAISE EXCEPTION 'payment % does not add up: % of % % is used, kept as %, %, %', of_payment, found,
            kept.amount, kept.currency, kept.allocated_amount, kept.refunded_amount, kept.returned_amount
            USING ERRCODE = 'check_violation', CONSTRAINT = 'invoicing_payment_adds_up';
    END IF;
END $$;

CREATE FUNCTION invoicing_check_document(of_tenant uuid, of_document uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    kept record;
    found record;
BEGIN
    SELECT * INTO STRICT kept FROM invoicing_invoice WHERE tenant_id = of_tenant AND id = of_document;
    WITH moved AS (
        SELECT effective_date, currency, amount
        FROM invoicing_allocation WHERE tenant_id = of_tenant AND invoice_id = of_document
        UNION ALL
        SELECT effective_date, currency, amount
        FROM invoicing_allocation WHERE tenant_id = of_tenant AND credit_note_id = of_document
        UNION ALL
        SELECT effective_date, currency, amount
        FROM invoicing_refund WHERE tenant_id = of_tenant AND credit_note_id = of_document
        UNION ALL
        SELECT effective_date, currency, amount
        FROM invoicing_writeoff WHERE tenant_id = of_tenant AND invoice_id = of_document
        UNION ALL
        SELECT effective_date, currency, -amount
        FROM invoicing_reversal WHERE tenant_id = of_tenant AND invoice_id = of_document
        UNION ALL
        SELECT effective_date, currency, -amount
        FROM invoicing_reversal WHERE tenant_id = of_tenant AND credit_note_id = of_document
    ), daily AS (
        SELECT effective_date, sum(amount) AS amount, bool_and(currency = kept.currency) AS alike,
               sum(sum(amount)) OVER (ORDER BY effective_date) AS settled
        FROM moved GROUP BY effective_date
    )
    SELECT coalesce(sum(amount), 0) AS settled, coalesce(max(settled), 0) AS most,
           coalesce(min(settled), 0) AS least, coalesce(bool_and(alike), true) AS alike,
           min(effective_date) AS first INTO found FROM daily;
    IF found.settled * sign(kept.payable) IS DISTINCT FROM kept.settled_amount
       OR found.most > abs(kept.payable) OR found.least < 0 OR NOT found.alike
       OR found.first < kept.issue_date THEN
        RAISE EXCEPTION 'document % does not add up: % of % % is settled, kept as %', kept.number, found,
            kept.payable, kept.currency, kept.settled_amount
            USING ERRCODE = 'check_violation', CONSTRAINT = 'invoicing_document_adds_up';
    END IF;
END $$;

CREATE FUNCTION invoicing_check_posting() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    posted jsonb := to_jsonb(NEW);
BEGIN
    IF posted ->> 'payment_id' IS NOT NULL THEN
        PERFORM invoicing_check_payment(NEW.tenant_id, (posted ->> 'payment_id')::uuid);
    END IF;
    IF posted ->> 'credit_note_id' IS NOT NULL THEN
        PERFORM invoicing_check_document(NEW.tenant_id, (posted ->> 'credit_note_id')::uuid);
    END IF;
    IF posted ->> 'invoice_id' IS NOT NULL THEN
        PERFORM invoicing_check_document(NEW.tenant_id, (posted ->> 'invoice_id')::uuid);
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER invoicing_adds_up AFTER INSERT ON invoicing_allocation
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION invoicing_check_posting();
CREATE CONSTRAINT TRIGGER invoicing_adds_up AFTER INSERT ON invoicing_refund
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION invoicing_check_posting();
CREATE CONSTRAINT TRIGGER invoicing_adds_up AFTER INSERT ON invoicing_writeoff
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION invoicing_check_posting();
CREATE CONSTRAINT TRIGGER invoicing_adds_up AFTER INSERT ON invoicing_reversal
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION invoicing_check_posting();

CREATE FUNCTION invoicing_check_sums() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'invoicing_payment' THEN
        PERFORM invoicing_check_payment(NEW.tenant_id, NEW.id);
    ELSE
        PERFORM invoicing_check_document(NEW.tenant_id, NEW.id);
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER invoicing_adds_up_new AFTER INSERT ON invoicing_payment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.allocated_amount <> 0 OR NEW.refunded_amount <> 0 OR NEW.returned_amount <> 0)
    EXECUTE FUNCTION invoicing_check_sums();
CREATE CONSTRAINT TRIGGER invoicing_adds_up AFTER UPDATE ON invoicing_payment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION invoicing_check_sums();
CREATE CONSTRAINT TRIGGER invoicing_adds_up_new AFTER INSERT ON invoicing_invoice
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.settled_amount <> 0)
    EXECUTE FUNCTION invoicing_check_sums();
CREATE CONSTRAINT TRIGGER invoicing_adds_up AFTER UPDATE ON invoicing_invoice
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.settled_amount <> NEW.settled_amount)
    EXECUTE FUNCTION invoicing_check_sums();
"""

# A reversal names what it takes back truly, takes back no more than there was, and no earlier.
REVERSALS = """
CREATE FUNCTION invoicing_check_reversal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    target record;
    taken numeric;
BEGIN
    IF NEW.kind = 'allocation' THEN
        SELECT * INTO STRICT target FROM invoicing_allocation
        WHERE tenant_id = NEW.tenant_id AND id = NEW.allocation_id;
        SELECT sum(amount) INTO taken FROM invoicing_reversal
        WHERE tenant_id = NEW.tenant_id AND allocation_id = NEW.allocation_id;
        IF (target.payment_id, target.credit_note_id) IS DISTINCT FROM (NEW.payment_id, NEW.credit_note_id) THEN
            taken := target.amount + 1;
        END IF;
    ELSIF NEW.kind = 'write_off' THEN
        SELECT * INTO STRICT target FROM invoicing_writeoff
        WHERE tenant_id = NEW.tenant_id AND id = NEW.write_off_id;
        SELECT sum(amount) INTO taken FROM invoicing_reversal
        WHERE tenant_id = NEW.tenant_id AND write_off_id = NEW.write_off_id;
    ELSE
        RETURN NULL;
    END IF;
    IF taken > target.amount OR target.invoice_id <> NEW.invoice_id OR target.currency <> NEW.currency
       OR NEW.effective_date < target.effective_date THEN
        RAISE EXCEPTION 'reversal % takes back what is not there', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'invoicing_reversal_of_what_is_there';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER invoicing_takes_back AFTER INSERT ON invoicing_reversal
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION invoicing_check_reversal();
"""


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0004_ledger")]

    operations = [
        TenantTable("Payment", "SELECT, INSERT, UPDATE"),
        TenantTable("Refund", "SELECT, INSERT"),
        TenantTable("Allocation", "SELECT, INSERT"),
        TenantTable("WriteOff", "SELECT, INSERT"),
        TenantTable("Reversal", "SELECT, INSERT"),
        migrations.RunSQL(STAMP, migrations.RunSQL.noop),
        migrations.RunSQL(DOCUMENT_MOMENTS, migrations.RunSQL.noop),
        migrations.RunSQL(REFUSALS, migrations.RunSQL.noop),
        migrations.RunSQL(CHECKS, migrations.RunSQL.noop),
        migrations.RunSQL(REVERSALS, migrations.RunSQL.noop),
    ]
