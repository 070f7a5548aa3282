"""What documents and payments are worth in the books, and what of that each posting moves."""

import invoicing.models.fields
from django.db import migrations, models

# Beside the service, which decides: this looks at the rows alone. A book value is taken no further than to
# zero, is gone when its amount is, and is moved by every posting of what has one.
RULES = """
CREATE FUNCTION invoicing_check_book(of_tenant uuid, of_payment uuid, of_document uuid) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    kept record;
    found record;
BEGIN
    IF of_payment IS NOT NULL THEN
        SELECT id, amount, (exchange -> 'base' ->> 'amount')::numeric AS value INTO STRICT kept
        FROM invoicing_payment WHERE tenant_id = of_tenant AND id = of_payment;
        WITH moved AS (
            SELECT amount, source_value AS value FROM invoicing_allocation
            WHERE tenant_id = of_tenant AND payment_id = of_payment
            UNION ALL
            SELECT amount, source_value FROM invoicing_refund
            WHERE tenant_id = of_tenant AND payment_id = of_payment
            UNION ALL
            SELECT CASE kind WHEN 'allocation' THEN -amount ELSE amount END,
                   CASE kind WHEN 'allocation' THEN -source_value ELSE source_value END
            FROM invoicing_reversal WHERE tenant_id = of_tenant AND payment_id = of_payment
        )
        SELECT coalesce(sum(amount), 0) AS amount, coalesce(sum(value), 0) AS value, count(*) AS rows,
               count(value) AS valued INTO found FROM moved;
    ELSE
        SELECT id, abs(payable) AS amount, abs((exchange -> 'base' ->> 'amount')::numeric) AS value
        INTO STRICT kept FROM invoicing_invoice WHERE tenant_id = of_tenant AND id = of_document;
        WITH moved AS (
            SELECT amount, target_value AS value FROM invoicing_allocation
            WHERE tenant_id = of_tenant AND invoice_id = of_document
            UNION ALL
            SELECT amount, source_value FROM invoicing_allocation
            WHERE tenant_id = of_tenant AND credit_note_id = of_document
            UNION ALL
            SELECT amount, source_value FROM invoicing_refund
            WHERE tenant_id = of_tenant AND credit_note_id = of_document
            UNION ALL
            SELECT amount, target_value FROM invoicing_writeoff
            WHERE tenant_id = of_tenant AND invoice_id = of_document
            UNION ALL
            SELECT -amount, -target_value FROM invoicing_reversal
            WHERE tenant_id = of_tenant AND invoice_id = of_document
            UNION ALL
            SELECT -amount, -source_value FROM invoicing_reversal
            WHERE tenant_id = of_tenant AND credit_note_id = of_document
        )
        SELECT coalesce(sum(amount), 0) AS amount, coalesce(sum(value), 0) AS value, count(*) AS rows,
               count(value) AS valued INTO found FROM moved;
    END IF;
    IF found.valued <> (CASE WHEN kept.value IS NULL THEN 0 ELSE found.rows END)
       OR found.value < 0 OR found.value > coalesce(kept.value, 0)
       OR found.amount = kept.amount AND found.value <> coalesce(kept.value, 0)
       OR found.amount = 0 AND found.value <> 0 THEN
        RAISE EXCEPTION 'the book value of % does not add up: % of % in %', kept.id, found, kept.value, kept.amount
            USING ERRCODE = 'check_violation', CONSTRAINT = 'invoicing_book_adds_up';
    END IF;
END $$;

CREATE FUNCTION invoicing_check_values() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    posted jsonb := to_jsonb(NEW);
    document uuid;
BEGIN
    IF posted ->> 'payment_id' IS NOT NULL THEN
        PERFORM invoicing_check_book(NEW.tenant_id, (posted ->> 'payment_id')::uuid, NULL);
    END IF;
    FOREACH document IN ARRAY ARRAY[(posted ->> 'credit_note_id')::uuid, (posted ->> 'invoice_id')::uuid] LOOP
        IF document IS NOT NULL THEN
            PERFORM invoicing_check_book(NEW.tenant_id, NULL, document);
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
""" + "".join(
    f"""
CREATE CONSTRAINT TRIGGER invoicing_book_adds_up AFTER INSERT ON {table}
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ({valued}) EXECUTE FUNCTION invoicing_check_values();
"""
    for table, valued in (
        ("invoicing_allocation", "NEW.source_value IS NOT NULL OR NEW.target_value IS NOT NULL"),
        ("invoicing_refund", "NEW.source_value IS NOT NULL OR NEW.target_value IS NOT NULL"),
        ("invoicing_writeoff", "NEW.target_value IS NOT NULL"),
        ("invoicing_reversal", "NEW.source_value IS NOT NULL OR NEW.target_value IS NOT NULL"),
    )
)


class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0014_metadata"),
    ]

    operations = [
        migrations.AddField(
            model_name="allocation",
            name="source_value",
            field=invoicing.models.fields.ExactDecimalField(null=True),
        ),
        migrations.AddField(
            model_name="allocation",
            name="target_value",
            field=invoicing.models.fields.ExactDecimalField(null=True),
        ),
        migrations.AddField(
            model_name="invoice",
            name="exchange",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="legalentity",
            name="base_rate_required",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="payment",
            name="exchange",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="refund",
            name="source_value",
            field=invoicing.models.fields.ExactDecimalField(null=True),
        ),
        migrations.AddField(
            model_name="refund",
            name="target_value",
            field=invoicing.models.fields.ExactDecimalField(null=True),
        ),
        migrations.AddField(
            model_name="reversal",
            name="source_value",
            field=invoicing.models.fields.ExactDecimalField(null=True),
        ),
        migrations.AddField(
            model_name="reversal",
            name="target_value",
            field=invoicing.models.fields.ExactDecimalField(null=True),
        ),
        migrations.AddField(
            model_name="writeoff",
            name="target_value",
            field=invoicing.models.fields.ExactDecimalField(null=True),
        ),
        migrations.RunSQL(RULES, migrations.RunSQL.noop),
    ]
