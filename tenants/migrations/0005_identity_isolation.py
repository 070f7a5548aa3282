"""Tenancy of the tables of 0004, and how a key finds its tenant."""

from django.db import migrations

from tenants.ddl import TenantTable

RESOLVE_API_KEY = """
CREATE FUNCTION resolve_api_key(wanted bytea)
    RETURNS TABLE (id uuid, tenant_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$ SELECT k.id, k.tenant_id FROM public.tenants_apikey k WHERE k.digest = wanted $$;
REVOKE ALL ON FUNCTION resolve_api_key(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION resolve_api_key(bytea) TO app;
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0004_identity")]

    operations = [
        TenantTable("ApiKey"),
        TenantTable("ExternalIdentity"),
        TenantTable("Invitation"),
        TenantTable("LoginChallenge"),
        TenantTable("LoginConfiguration"),
        TenantTable("LoginGuard"),
        TenantTable("Passkey"),
        TenantTable("RecoveryCode"),
        TenantTable("Role"),
        TenantTable("SsoRound"),
        TenantTable("TotpDevice"),
        migrations.RunSQL(RESOLVE_API_KEY, migrations.RunSQL.noop),
    ]
