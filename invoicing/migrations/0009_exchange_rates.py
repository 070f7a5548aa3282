"""Exchange rates a tenant records: append-only, and dated by the ledger's own clock."""

import django.db.models.deletion
import django.db.models.manager
import invoicing.models.fields
import tenants.auditable
import tenants.ids
from django.db import migrations, models

from tenants.ddl import TenantTable

RULES = """
CREATE TRIGGER invoicing_stamp BEFORE INSERT ON invoicing_fxrate
    FOR EACH ROW EXECUTE FUNCTION invoicing_stamp_posting();

CREATE FUNCTION invoicing_refuse_rate_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'exchange rates are append-only: a further row corrects one'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'invoicing_append_only';
END $$;
CREATE TRIGGER invoicing_append_only BEFORE UPDATE OR DELETE ON invoicing_fxrate
    FOR EACH ROW EXECUTE FUNCTION invoicing_refuse_rate_change();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0008_reports_wait"),
        ("tenants", "0009_sso_invitation"),
    ]

    operations = [
        migrations.CreateModel(
            name="FxRate",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("from_currency", models.CharField(max_length=3)),
                ("to_currency", models.CharField(max_length=3)),
                ("rate", invoicing.models.fields.ExactDecimalField()),
                ("day", models.DateField()),
                ("source", models.CharField(max_length=100)),
                ("recorded_at", models.DateTimeField(db_default=invoicing.models.fields.LedgerMoment())),
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
                "indexes": [
                    models.Index(
                        fields=["tenant", "from_currency", "to_currency", "-day"],
                        name="invoicing_fxrate_of_pair",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("rate__gt", 0)), name="invoicing_fxrate_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("from_currency", models.F("to_currency")), _negated=True),
                        name="invoicing_fxrate_two_currencies",
                    ),
                ],
            },
            bases=(tenants.auditable.Auditable, models.Model),
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("all_objects", django.db.models.manager.Manager()),
            ],
        ),
        TenantTable("FxRate", "SELECT, INSERT"),
        migrations.RunSQL(RULES, migrations.RunSQL.noop),
    ]
