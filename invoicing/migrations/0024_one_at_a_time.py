"""Of an item and currency no two prices hold on one day, nor two tax rates of one name and jurisdiction.

The services decide that when it is their turn (`invoicing.services.validity`). This is the backstop for
whoever writes otherwise: it looks when the transaction commits, at the rows as they are by then.
"""

from django.db import migrations

CHECK = """
CREATE FUNCTION {table}_hold_one_at_a_time() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.tenant_id IS DISTINCT FROM nullif(current_setting('app.tenant_id', true), '')::uuid THEN
        RAISE EXCEPTION 'the scope of the tenant has ended before its commit: other rows cannot be seen'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- Two that commit at once must see each other: the second one waits here and looks anew after it.
    {turn}
    IF EXISTS (
        SELECT FROM {table} AS own JOIN {table} AS other USING ({subject})
        WHERE own.tenant_id = NEW.tenant_id AND own.id = NEW.id AND other.id <> own.id
              AND own.is_active AND other.is_active
              AND daterange(own.valid_from, own.valid_to, '[]')
                  && daterange(other.valid_from, other.valid_to, '[]')
    ) THEN
        RAISE EXCEPTION 'another row holds on some of the days of %', NEW.id
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = '{table}_one_at_a_time';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER {table}_one_at_a_time AFTER INSERT OR UPDATE ON {table}
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.is_active) EXECUTE FUNCTION {table}_hold_one_at_a_time();
"""

PRICES = CHECK.format(
    table="invoicing_itemprice",
    subject="tenant_id, item_id, currency",
    turn="PERFORM FROM invoicing_item WHERE tenant_id = NEW.tenant_id AND id = NEW.item_id FOR NO KEY UPDATE;",
)
RATES = CHECK.format(
    table="invoicing_taxrate",
    subject="tenant_id, name, country, region",
    turn="PERFORM pg_advisory_xact_lock(hashtextextended('tax-rates:' || NEW.tenant_id, 0));",
)


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0023_catalogue_rate")]

    operations = [
        migrations.RunSQL(PRICES, migrations.RunSQL.noop),
        migrations.RunSQL(RATES, migrations.RunSQL.noop),
    ]
