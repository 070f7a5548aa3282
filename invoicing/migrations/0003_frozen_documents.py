"""An issued document never changes (invariant 5), whoever writes and however."""

from django.db import migrations

# `issued_at = now()` holds only in the transaction that issues: in it the lines may still be
# written, in no later one.
FROZEN_INVOICE = """
CREATE FUNCTION invoicing_refuse_frozen_invoice() RETURNS trigger
    LANGUAGE plpgsql AS $$
DECLARE
    changing CONSTANT text[] := ARRAY['state', 'payment_state', 'settled_amount', 'reopened_on', 'voided_on',
                                     'voided_at', 'sent_at', 'metadata', 'version', 'updated_at'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'document % is issued: it cannot be deleted', OLD.number
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'invoicing_frozen_document';
    END IF;
    IF (to_jsonb(OLD) - changing) IS DISTINCT FROM (to_jsonb(NEW) - changing) OR NEW.state = 'draft' THEN
        RAISE EXCEPTION 'document % is issued: it cannot be changed', OLD.number
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'invoicing_frozen_document';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER invoicing_frozen_invoice BEFORE UPDATE OR DELETE ON invoicing_invoice
    FOR EACH ROW WHEN (OLD.state <> 'draft') EXECUTE FUNCTION invoicing_refuse_frozen_invoice();
"""

FROZEN_LINES = """
CREATE FUNCTION invoicing_refuse_frozen_lines() RETURNS trigger
    LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    frozen text;
BEGIN
    -- One look-up by key a document, whatever the statistics say: the inner LIMIT keeps it from being a join.
    SELECT document.number INTO frozen
    FROM (SELECT DISTINCT tenant_id, invoice_id FROM changed) AS line
    CROSS JOIN LATERAL (
        SELECT i.number FROM invoicing_invoice AS i
        WHERE i.tenant_id = line.tenant_id AND i.id = line.invoice_id
              AND i.state <> 'draft' AND i.issued_at <> now()
        LIMIT 1
    ) AS document
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'document % is issued: its lines cannot be changed', frozen
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'invoicing_frozen_document';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER invoicing_frozen_lines_insert AFTER INSERT ON invoicing_invoiceline
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION invoicing_refuse_frozen_lines();
CREATE TRIGGER invoicing_frozen_lines_delete AFTER DELETE ON invoicing_invoiceline
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION invoicing_refuse_frozen_lines();
CREATE TRIGGER invoicing_frozen_lines_update AFTER UPDATE ON invoicing_invoiceline
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION invoicing_refuse_frozen_lines();
CREATE TRIGGER invoicing_frozen_lines_move AFTER UPDATE ON invoicing_invoiceline
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION invoicing_refuse_frozen_lines();
"""


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0002_isolation")]

    operations = [
        migrations.RunSQL(FROZEN_INVOICE, migrations.RunSQL.noop),
        migrations.RunSQL(FROZEN_LINES, migrations.RunSQL.noop),
    ]
