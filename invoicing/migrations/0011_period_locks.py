"""Periods of a legal entity that are closed, and the refusal of documents and postings dated in them.

Whoever issues, voids or posts shares the tenant's ledger lock (0004) until the commit; whoever closes a
period holds it alone, if only for a moment. So a closing waits for what is under way, and what comes later waits for the closing
and then sees it: the lock is held before these triggers run, and their queries look anew.
"""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

import tenants.auditable
import tenants.ids
from tenants.ddl import TenantTable

REFUSAL = """
CREATE FUNCTION invoicing_refuse_closed_period(of_tenant uuid, of_entity uuid, of_day date) RETURNS void
    LANGUAGE plpgsql AS $$
DECLARE
    closed date;
BEGIN
    SELECT closed_through INTO closed FROM invoicing_periodlock
    WHERE tenant_id = of_tenant AND legal_entity_id = of_entity AND released_at IS NULL
    ORDER BY closed_through DESC LIMIT 1;
    IF of_day <= closed THEN
        RAISE EXCEPTION '% is in a closed period', of_day
            USING ERRCODE = 'check_violation', CONSTRAINT = 'invoicing_period_closed', DETAIL = closed::text;
    END IF;
END $$;
"""

# A void takes a document back as if it had never been: that changes the period the document is in. The
# names of these triggers sort behind those of the triggers that join the ledger.
DOCUMENTS = """
CREATE FUNCTION invoicing_document_in_open_period() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM invoicing_refuse_closed_period(NEW.tenant_id, NEW.legal_entity_id, NEW.issue_date);
    RETURN NEW;
END $$;
CREATE TRIGGER invoicing_within_open_period BEFORE INSERT ON invoicing_invoice
    FOR EACH ROW WHEN (NEW.state <> 'draft') EXECUTE FUNCTION invoicing_document_in_open_period();
CREATE TRIGGER invoicing_within_open_period_later BEFORE UPDATE ON invoicing_invoice
    FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION invoicing_document_in_open_period();
"""

# A posting is in the books of the legal entity whose payment or document it moves.
POSTINGS = """
CREATE FUNCTION invoicing_posting_in_open_period() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    posted CONSTANT jsonb := to_jsonb(NEW);
    entity uuid := (posted ->> 'legal_entity_id')::uuid;
BEGIN
    IF entity IS NULL AND posted ->> 'payment_id' IS NOT NULL THEN
        SELECT legal_entity_id INTO entity FROM invoicing_payment
        WHERE tenant_id = NEW.tenant_id AND id = (posted ->> 'payment_id')::uuid;
    ELSIF entity IS NULL THEN
        SELECT legal_entity_id INTO entity FROM invoicing_invoice
        WHERE tenant_id = NEW.tenant_id
              AND id = coalesce(posted ->> 'credit_note_id', posted ->> 'invoice_id')::uuid;
    END IF;
    PERFORM invoicing_refuse_closed_period(NEW.tenant_id, entity, NEW.effective_date);
    RETURN NEW;
END $$;
""" + "".join(
    f"""
CREATE TRIGGER invoicing_within_open_period BEFORE INSERT ON {table}
    FOR EACH ROW EXECUTE FUNCTION invoicing_posting_in_open_period();
"""
    for table in (
        "invoicing_payment",
        "invoicing_allocation",
        "invoicing_refund",
        "invoicing_writeoff",
        "invoicing_reversal",
    )
)

# A lock says what was closed and is released once; whoever wants it otherwise locks anew.
RELEASES = """
CREATE FUNCTION invoicing_refuse_lock_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a period lock is released once, and else never changed'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'invoicing_periodlock_kept';
END $$;
CREATE TRIGGER invoicing_kept BEFORE UPDATE ON invoicing_periodlock FOR EACH ROW
    WHEN (OLD.released_at IS NOT NULL OR (OLD.legal_entity_id, OLD.closed_through, OLD.note)
          IS DISTINCT FROM (NEW.legal_entity_id, NEW.closed_through, NEW.note))
    EXECUTE FUNCTION invoicing_refuse_lock_change();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0010_taxes"),
        ("tenants", "0008_platform_reads_tenants"),
    ]

    operations = [
        migrations.CreateModel(
            name="PeriodLock",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("closed_through", models.DateField()),
                ("note", models.CharField(blank=True, max_length=500)),
                ("released_at", models.DateTimeField(null=True)),
                ("release_reason", models.CharField(blank=True, max_length=500)),
                (
                    "legal_entity",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="invoicing.legalentity",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "all_objects",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("released_at__isnull", True)),
                        fields=("tenant", "legal_entity", "closed_through"),
                        name="invoicing_periodlock_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("release_reason", ""), ("released_at__isnull", True)),
                            models.Q(
                                models.Q(("released_at__isnull", False)),
                                models.Q(("release_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="invoicing_periodlock_released_why",
                    ),
                ],
            },
            bases=(tenants.auditable.Auditable, models.Model),
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("all_objects", django.db.models.manager.Manager()),
            ],
        ),
        TenantTable("PeriodLock", "SELECT, INSERT, UPDATE"),
        migrations.RunSQL(REFUSAL, migrations.RunSQL.noop),
        migrations.RunSQL(DOCUMENTS, migrations.RunSQL.noop),
        migrations.RunSQL(POSTINGS, migrations.RunSQL.noop),
        migrations.RunSQL(RELEASES, migrations.RunSQL.noop),
    ]
