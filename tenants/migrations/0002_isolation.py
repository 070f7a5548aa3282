"""Row-level security, composite keys, rights of the roles, and the resolver functions."""

from django.db import migrations

from tenants.ddl import CURRENT_TENANT, PlatformAccess, TenantTable

TENANT_POLICY = f"""
ALTER TABLE tenants_tenant ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenants_tenant FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON tenants_tenant
    USING (id = {CURRENT_TENANT}) WITH CHECK (id = {CURRENT_TENANT});
GRANT SELECT, INSERT, UPDATE ON tenants_tenant TO app;
"""

# A person is shared: a tenant sees and changes those who work for it, and may add new ones.
USER_POLICY = f"""
ALTER TABLE tenants_user ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenants_user FORCE ROW LEVEL SECURITY;
CREATE POLICY member_of_tenant ON tenants_user FOR SELECT
    USING (id IN (SELECT user_id FROM tenants_membership WHERE tenant_id = {CURRENT_TENANT}));
CREATE POLICY member_of_tenant_change ON tenants_user FOR UPDATE
    USING (id IN (SELECT user_id FROM tenants_membership WHERE tenant_id = {CURRENT_TENANT}));
CREATE POLICY joins_a_tenant ON tenants_user FOR INSERT
    WITH CHECK ({CURRENT_TENANT} IS NOT NULL);
GRANT SELECT, INSERT, UPDATE ON tenants_user TO app;
ALTER TABLE tenants_membership ADD CONSTRAINT tenants_membership_user_fk
    FOREIGN KEY (user_id) REFERENCES tenants_user (id);
"""

# What must be read before a tenant is known: exact matches only, nothing can be listed.
RESOLVERS = """
CREATE FUNCTION resolve_tenant(wanted text)
    RETURNS TABLE (id uuid, slug varchar, name varchar, is_active boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$ SELECT t.id, t.slug, t.name, t.is_active FROM public.tenants_tenant t WHERE t.slug = wanted $$;
CREATE FUNCTION resolve_memberships(person uuid)
    RETURNS TABLE (membership_id uuid, tenant_id uuid, slug varchar, name varchar, role varchar)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT m.id, t.id, t.slug, t.name, m.role
        FROM public.tenants_membership m JOIN public.tenants_tenant t ON t.id = m.tenant_id
        WHERE m.user_id = person AND m.is_active AND t.is_active
        ORDER BY t.slug
    $$;
REVOKE ALL ON FUNCTION resolve_tenant(text), resolve_memberships(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION resolve_tenant(text), resolve_memberships(uuid) TO app;
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]

    operations = [
        TenantTable("Membership"),
        TenantTable("Session"),
        TenantTable("RefreshToken"),
        TenantTable("IdempotencyKey"),
        TenantTable("Job"),
        TenantTable("OutgoingMail"),
        PlatformAccess("IdempotencyKey", "SELECT, DELETE"),
        PlatformAccess("Job", "SELECT, UPDATE, DELETE"),
        migrations.RunSQL(TENANT_POLICY, migrations.RunSQL.noop),
        migrations.RunSQL(USER_POLICY, migrations.RunSQL.noop),
        migrations.RunSQL(RESOLVERS, migrations.RunSQL.noop),
    ]
