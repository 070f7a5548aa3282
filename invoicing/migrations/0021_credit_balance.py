"""What a customer owes is counted with all legal entities together, whoever asks."""

from django.db import migrations

from tenants.ddl import CURRENT_TENANT

# The owner adds up, for the current tenant alone: what a member is held to is a policy of the role `app`.
# The sum names no document.
BALANCE = f"""
CREATE FUNCTION invoicing_credit_balance(customers uuid[], wanted text) RETURNS numeric
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce((
        SELECT sum(CASE type WHEN 'credit_note' THEN settled_amount - payable ELSE payable - settled_amount END)
        FROM public.invoicing_invoice
        WHERE tenant_id = {CURRENT_TENANT} AND customer_id = ANY (customers) AND currency = wanted
          AND state = 'issued' AND payment_state <> 'paid'
    ), 0) - coalesce((
        SELECT sum(amount - allocated_amount - refunded_amount - returned_amount)
        FROM public.invoicing_payment
        WHERE tenant_id = {CURRENT_TENANT} AND customer_id = ANY (customers) AND currency = wanted
    ), 0)
$$;
REVOKE ALL ON FUNCTION invoicing_credit_balance(uuid[], text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION invoicing_credit_balance(uuid[], text) TO app;
"""


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0020_held_members")]

    operations = [
        migrations.RunSQL(BALANCE, "DROP FUNCTION invoicing_credit_balance(uuid[], text)"),
    ]
