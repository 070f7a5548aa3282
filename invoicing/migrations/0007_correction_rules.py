"""Credit notes never take more than their invoice has, and what left the house is not voided.

The services decide that under a lock on the invoice. This is the backstop, told by the documents alone:
whoever writes, and however, it looks at every line, tax row and total when the transaction commits.
"""

from django.db import migrations

KEYS = """
ALTER TABLE invoicing_invoice ADD CONSTRAINT invoicing_invoice_corrects_id_tenant_fk
    FOREIGN KEY (tenant_id, corrects_id) REFERENCES invoicing_invoice (tenant_id, id);
ALTER TABLE invoicing_invoiceline ADD CONSTRAINT invoicing_invoiceline_corrects_id_tenant_fk
    FOREIGN KEY (tenant_id, corrects_id) REFERENCES invoicing_invoiceline (tenant_id, id);
"""

# An amount of the invoice may be negative: then so is what credit notes may take of it.
WITHIN = """
CREATE FUNCTION invoicing_within(part numeric, whole numeric) RETURNS boolean LANGUAGE sql IMMUTABLE AS
    'SELECT part BETWEEN least(whole, 0) AND greatest(whole, 0)';
"""

CREDITED = """
CREATE FUNCTION invoicing_check_credited() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    corrected record;
    totals record;
    excess text;
BEGIN
    -- Two that are issued at once must see each other: the second one waits here and looks anew after it.
    SELECT * INTO STRICT corrected FROM invoicing_invoice
    WHERE tenant_id = NEW.tenant_id AND id = NEW.corrects_id FOR NO KEY UPDATE;
    IF corrected.type <> 'invoice' OR corrected.state <> 'issued' OR
       (corrected.legal_entity_id, corrected.customer_id, corrected.currency)
           IS DISTINCT FROM (NEW.legal_entity_id, NEW.customer_id, NEW.currency) THEN
        excess := 'parties and currency';
    END IF;
    SELECT sum(sum_of_lines) AS lines, sum(tax_exclusive) AS exclusive, sum(tax_total) AS tax,
           sum(tax_inclusive) AS inclusive INTO totals
    FROM invoicing_invoice
    WHERE tenant_id = NEW.tenant_id AND corrects_id = NEW.corrects_id AND state = 'issued';
    IF NOT (invoicing_within(totals.exclusive, corrected.tax_exclusive)
            AND invoicing_within(totals.inclusive, corrected.tax_inclusive)) THEN
        excess := 'totals';
    END IF;
    SELECT 'tax row ' || category || ' ' || coalesce(rate, '-') INTO excess FROM (
        SELECT row ->> 'category' AS category, row ->> 'rate' AS rate, document.id = corrected.id AS is_whole,
               (row ->> 'taxable')::numeric AS taxable, (row ->> 'tax')::numeric AS tax
        FROM invoicing_invoice AS document, jsonb_array_elements(document.tax_breakdown) AS row
        WHERE document.tenant_id = NEW.tenant_id AND document.state = 'issued'
              AND (document.id = corrected.id OR document.corrects_id = corrected.id)
    ) AS part
    GROUP BY category, rate
    HAVING NOT (invoicing_within(coalesce(sum(taxable) FILTER (WHERE NOT is_whole), 0),
                                 coalesce(sum(taxable) FILTER (WHERE is_whole), 0))
                AND invoicing_within(coalesce(sum(tax) FILTER (WHERE NOT is_whole), 0),
                                     coalesce(sum(tax) FILTER (WHERE is_whole), 0)))
    UNION ALL
    SELECT 'line ' || line.position FROM invoicing_invoiceline AS line
    LEFT JOIN LATERAL (
        SELECT sum(part.net_amount) AS net, sum(part.corrected_quantity) AS quantity
        FROM invoicing_invoiceline AS part
        JOIN invoicing_invoice AS note ON note.tenant_id = part.tenant_id AND note.id = part.invoice_id
        WHERE part.tenant_id = line.tenant_id AND part.corrects_id = line.id AND note.state = 'issued'
    ) AS taken ON true
    WHERE line.tenant_id = NEW.tenant_id AND line.invoice_id = corrected.id
          AND NOT (invoicing_within(coalesce(taken.net, 0), line.net_amount)
                   AND invoicing_within(coalesce(taken.quantity, 0), line.quantity))
    UNION ALL
    SELECT 'a line of another document' FROM invoicing_invoiceline AS part
    LEFT JOIN invoicing_invoiceline AS line
        ON line.tenant_id = part.tenant_id AND line.id = part.corrects_id AND line.invoice_id = corrected.id
    WHERE part.tenant_id = NEW.tenant_id AND part.invoice_id = NEW.id AND line.id IS NULL
    UNION ALL
    SELECT excess WHERE excess IS NOT NULL
    LIMIT 1;
    IF excess IS NOT NULL THEN
        RAISE EXCEPTION 'credit note % takes more of % than there is: %', NEW.number, corrected.number, excess
            USING ERRCODE = 'check_violation', CONSTRAINT = 'invoicing_credited_within_invoice';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER invoicing_credited_new AFTER INSERT ON invoicing_invoice
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.corrects_id IS NOT NULL AND NEW.state = 'issued')
    EXECUTE FUNCTION invoicing_check_credited();
CREATE CONSTRAINT TRIGGER invoicing_credited AFTER UPDATE ON invoicing_invoice
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.corrects_id IS NOT NULL AND NEW.state = 'issued' AND OLD.state <> 'issued')
    EXECUTE FUNCTION invoicing_check_credited();
"""

# Beside the service, which knows the policy: this knows only what would make the books untrue.
VOIDED = """
CREATE FUNCTION invoicing_refuse_void() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.sent_at IS NOT NULL OR OLD.settled_amount <> 0 OR EXISTS (
        SELECT FROM invoicing_invoice AS note
        WHERE note.tenant_id = OLD.tenant_id AND note.corrects_id = OLD.id AND note.state = 'issued'
    ) THEN
        RAISE EXCEPTION 'document % has left the house or was settled: it cannot be voided', OLD.number
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'invoicing_void_of_what_left';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER invoicing_refuse_void BEFORE UPDATE ON invoicing_invoice
    FOR EACH ROW WHEN (OLD.state = 'issued' AND NEW.state = 'voided') EXECUTE FUNCTION invoicing_refuse_void();
"""


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0006_corrections")]

    operations = [
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
        migrations.RunSQL(WITHIN, migrations.RunSQL.noop),
        migrations.RunSQL(CREDITED, migrations.RunSQL.noop),
        migrations.RunSQL(VOIDED, migrations.RunSQL.noop),
    ]
