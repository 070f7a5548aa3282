"""The guards of tenancy (invariant 1): policies, scope, managers, settings and connections."""

from tests.mutants.guard import Guard, cut, swap

SCOPE = "tests/tenants/scope"
CATALOGUE = "tests/isolation/test_catalogue.py"
GUARDS = f"{SCOPE}/test_guards.py"
SETTINGS = f"{SCOPE}/test_settings.py"
CONNECTIONS = f"{SCOPE}/test_connections.py"
SWEEP = "tests/isolation/test_sweep.py::test_no_endpoint_shows_or_changes_another_tenants_data"

TENANCY = (
    Guard(
        "row-level security is enabled",
        cut("tenants/ddl.py", '            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",\n'),
        (GUARDS,),
    ),
    Guard(
        "row-level security is forced on the owner too",
        cut("tenants/ddl.py", '            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",\n'),
        (CATALOGUE,),
    ),
    Guard(
        "policies check what is written (WITH CHECK)",
        swap("tenants/ddl.py", " WITH CHECK (tenant_id = {CURRENT_TENANT})", " WITH CHECK (true)"),
        (GUARDS,),
    ),
    Guard(
        "policies check what is read (USING)",
        swap("tenants/ddl.py", " USING (tenant_id = {CURRENT_TENANT})", " USING (true)"),
        (GUARDS,),
    ),
    Guard(
        "an emptied setting matches nothing (nullif)",
        swap(
            "tenants/ddl.py",
            "(select nullif(current_setting('app.tenant_id', true), '')::uuid)",
            "(select current_setting('app.tenant_id', true)::uuid)",
        ),
        (SETTINGS, GUARDS),
    ),
    Guard(
        "foreign keys carry the tenant",
        (
            ("tenants/ddl.py", "FOREIGN KEY (tenant_id, {field.column})", "FOREIGN KEY ({field.column})"),
            ("tenants/ddl.py", '_meta.db_table} (tenant_id, id)"', '_meta.db_table} (id)"'),
            (
                "tenants/ddl.py",
                'PRIMARY KEY (tenant_id, id)"',
                'PRIMARY KEY (tenant_id, id), ADD UNIQUE (id)"',
            ),
        ),
        (GUARDS,),
    ),
    Guard(
        "a table names an existing tenant",
        swap("tenants/ddl.py", "if all(field.null for field in fields):", "if not fields:"),
        (f"{SCOPE}/test_ddl.py",),
    ),
    Guard(
        "people are seen by membership",
        swap(
            "tenants/migrations/0002_isolation.py",
            "CREATE POLICY member_of_tenant ON tenants_user FOR SELECT\n"
            "    USING (id IN (SELECT user_id FROM tenants_membership WHERE tenant_id = {CURRENT_TENANT}));",
            "CREATE POLICY member_of_tenant ON tenants_user FOR SELECT USING (true);",
        ),
        (CATALOGUE,),
    ),
    Guard(
        "resolvers run on a fixed path",
        cut("tenants/migrations/0002_isolation.py", " SET search_path = pg_catalog, pg_temp"),
        (CATALOGUE,),
    ),
    Guard(
        "resolvers are not everybody's",
        cut(
            "tenants/migrations/0002_isolation.py",
            "REVOKE ALL ON FUNCTION resolve_tenant(text), resolve_memberships(uuid) FROM PUBLIC;\n",
        ),
        (CATALOGUE,),
    ),
    Guard(
        "managers filter by tenant",
        swap(
            "tenants/managers.py", "return queryset.filter(tenant_id=require_tenant_id())", "return queryset"
        ),
        (GUARDS,),
    ),
    Guard(
        "inserts of another tenant are refused",
        swap("tenants/managers.py", "if instance.tenant_id != tenant_id:", "if False:"),
        (GUARDS,),
    ),
    Guard(
        "save() cannot move a row to another tenant",
        swap("tenants/managers.py", 'if field.name == "tenant" and', "if False and"),
        (GUARDS,),
    ),
    Guard(
        "update() cannot set the tenant",
        swap("tenants/managers.py", 'if "tenant" in kwargs or "tenant_id" in kwargs:', "if False:"),
        (GUARDS,),
    ),
    Guard(
        "delete() stays within the tenant",
        swap("tenants/models/base.py", "return rows.filter(pk=self.pk).delete()", "return super().delete()"),
        (GUARDS,),
    ),
    Guard(
        "delete() refuses another tenant's row",
        swap("tenants/models/base.py", "if self.tenant_id != require_tenant_id():", "if False:"),
        (GUARDS,),
    ),
    Guard(
        "following a key stays within the tenant (base manager)",
        swap(
            "tenants/models/base.py",
            'abstract = True\n        base_manager_name = "all_objects"',
            "abstract = True",
        ),
        (GUARDS,),
    ),
    Guard(
        "a scope is cleared at its end",
        swap(
            "tenants/scope.py",
            "        _current.reset(token)\n        _restore()\n",
            "        _current.reset(token)\n",
        ),
        (SETTINGS,),
    ),
    Guard(
        "a rollback does not bring an old scope back",
        swap("tenants/scope.py", "is wanted and not stale:", "is wanted:"),
        (SETTINGS,),
    ),
    Guard(
        "a savepoint's rollback is noticed",
        swap("tenants/scope.py", 'sql.startswith("ROLLBACK")', "False"),
        (SETTINGS,),
    ),
    Guard(
        "a failed transaction can be rolled back inside a scope",
        swap("tenants/scope.py", "if status == TransactionStatus.INERROR:", "if False:"),
        (SETTINGS,),
    ),
    Guard(
        "what a pool hands out is cleared",
        swap(
            "tenants/scope.py",
            '    connection.__dict__["applied_scope"] = _UNKNOWN\n    connection.__dict__["scope_set_in',
            '    connection.__dict__["applied_scope"] = None\n    connection.__dict__["scope_set_in',
        ),
        (CONNECTIONS,),
    ),
    Guard(
        "a lost connection is answered as lost",
        (
            ("tenants/scope.py", "with connection.wrap_database_errors:", "with nullcontext():"),
            ("tenants/scope.py", "import contextmanager", "import contextmanager, nullcontext"),
        ),
        (CONNECTIONS,),
    ),
    Guard(
        "settings are set before the transaction begins",
        swap(
            "tenants/scope.py",
            "    answer = raw.pgconn.exec_(",
            '    raw.execute("select")\n    answer = raw.pgconn.exec_(',
        ),
        (SETTINGS,),
    ),
    Guard(
        "a stream takes its scope along",
        swap(
            "tenants/http/middleware.py",
            "                _keep_scope(response, scope.current())\n",
            "                pass\n",
        ),
        ("tests/tenants/identity/test_requests.py",),
    ),
    Guard(
        "a view's capability is asked for",
        swap(
            "tenants/http/permissions.py",
            '        ensure_allowed(actor, capability_of(view, request.method or ""), view.kwargs)\n',
            "",
        ),
        ("tests/isolation/test_permissions.py",),
    ),
    Guard(
        "what is not there is missing before it is forbidden",
        swap(
            "tenants/http/permissions.py",
            "    for name, value in path.items():",
            "    for name, value in ():",
        ),
        ("tests/isolation/test_permissions.py",),
    ),
    Guard(
        "a cursor belongs to its tenant",
        swap("tenants/http/pagination.py", 'bound = f"{tenant}\\x00{listing}', 'bound = f"{listing}'),
        ("tests/tenants/test_lists.py", f"{SWEEP}[both layers]"),
    ),
    Guard(
        "cache keys bear the tenant",
        swap(
            "tenants/cache.py", '    return f"{scope.require_tenant_id()}:{entity}:', '    return f"{entity}:'
        ),
        ("tests/tenants/test_cache.py",),
    ),
    Guard(
        "files lie in the tenant's folder",
        swap("tenants/files.py", "tenant = scope.require_tenant_id().hex", 'tenant = "0" * 32'),
        ("tests/tenants/test_files.py",),
    ),
)
