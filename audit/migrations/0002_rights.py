"""Who may touch the trail: triggers write, the relay moves, the service reads its tenant's entries."""

from typing import ClassVar

from django.db import migrations

from tenants.ddl import CURRENT_TENANT

# The role `app` gets nothing here. `platform` may lock rows (which takes the right to update a column)
# but the policy lets no updated row pass. Entries are compact json: compressing them would cost more
# than the write. The queue is emptied all the time, so it is vacuumed by count, not by share.
PENDING = """
CREATE SEQUENCE audit_sequence;
ALTER TABLE audit_pendingentry ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_pendingentry FORCE ROW LEVEL SECURITY;
CREATE POLICY relay_reads ON audit_pendingentry FOR SELECT TO platform USING (true);
CREATE POLICY relay_removes ON audit_pendingentry FOR DELETE TO platform USING (true);
CREATE POLICY relay_locks ON audit_pendingentry FOR UPDATE TO platform USING (true) WITH CHECK (false);
GRANT SELECT, DELETE, UPDATE (event_id) ON audit_pendingentry TO platform;
ALTER TABLE audit_pendingentry SET (
    toast_tuple_target = 8160, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_insert_threshold = -1, autovacuum_analyze_scale_factor = 0,
    autovacuum_analyze_threshold = 50000
);
"""

TRAIL = f"""
ALTER TABLE audit_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_entry FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON audit_entry FOR SELECT TO app USING (tenant_id = {CURRENT_TENANT});
CREATE POLICY relay_reads ON audit_entry FOR SELECT TO platform USING (true);
CREATE POLICY relay_adds ON audit_entry FOR INSERT TO platform WITH CHECK (true);
GRANT SELECT ON audit_entry TO app;
GRANT SELECT, INSERT ON audit_entry TO platform;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("audit", "0001_initial")]

    operations: ClassVar = [
        migrations.RunSQL(PENDING, migrations.RunSQL.noop),
        migrations.RunSQL(TRAIL, migrations.RunSQL.noop, hints={"trail": True}),
    ]
