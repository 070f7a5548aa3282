"""The guards of the product, each with the edit that removes it and the tests that must notice.

An edit replaces exact text of one file; one that no longer applies is reported, so that the table cannot
rot in silence.
"""

from dataclasses import dataclass

Edit = tuple[str, str, str]

SCOPE = "tests/tenants/scope"
CATALOGUE = "tests/isolation/test_catalogue.py"
GUARDS = f"{SCOPE}/test_guards.py"
SETTINGS = f"{SCOPE}/test_settings.py"
CONNECTIONS = f"{SCOPE}/test_connections.py"
SWEEP = "tests/isolation/test_sweep.py::test_no_endpoint_shows_or_changes_another_tenants_data"


@dataclass(frozen=True)
class Guard:
    """`edits` are (path, text, replacement); `tests` are what pytest is given, one of them must fail."""

    name: str
    edits: tuple[Edit, ...]
    tests: tuple[str, ...]


def _cut(path: str, text: str) -> tuple[Edit, ...]:
    return ((path, text, ""),)


def _swap(path: str, text: str, by: str) -> tuple[Edit, ...]:
    return ((path, text, by),)


TENANCY = (
    Guard(
        "row-level security is enabled",
        _cut("tenants/ddl.py", '            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",\n'),
        (GUARDS,),
    ),
    Guard(
        "row-level security is forced on the owner too",
        _cut("tenants/ddl.py", '            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",\n'),
        (CATALOGUE,),
    ),
    Guard(
        "policies check what is written (WITH CHECK)",
        _swap("tenants/ddl.py", " WITH CHECK (tenant_id = {CURRENT_TENANT})", " WITH CHECK (true)"),
        (GUARDS,),
    ),
    Guard(
        "policies check what is read (USING)",
        _swap("tenants/ddl.py", " USING (tenant_id = {CURRENT_TENANT})", " USING (true)"),
        (GUARDS,),
    ),
    Guard(
        "an emptied setting matches nothing (nullif)",
        _swap(
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
        _swap("tenants/ddl.py", "if all(field.null for field in fields):", "if not fields:"),
        (f"{SCOPE}/test_ddl.py",),
    ),
    Guard(
        "people are seen by membership",
        _swap(
            "tenants/migrations/0002_isolation.py",
            "CREATE POLICY member_of_tenant ON tenants_user FOR SELECT\n"
            "    USING (id IN (SELECT user_id FROM tenants_membership WHERE tenant_id = {CURRENT_TENANT}));",
            "CREATE POLICY member_of_tenant ON tenants_user FOR SELECT USING (true);",
        ),
        (CATALOGUE,),
    ),
    Guard(
        "resolvers run on a fixed path",
        _cut("tenants/migrations/0002_isolation.py", " SET search_path = pg_catalog, pg_temp"),
        (CATALOGUE,),
    ),
    Guard(
        "resolvers are not everybody's",
        _cut(
            "tenants/migrations/0002_isolation.py",
            "REVOKE ALL ON FUNCTION resolve_tenant(text), resolve_memberships(uuid) FROM PUBLIC;\n",
        ),
        (CATALOGUE,),
    ),
    Guard(
        "managers filter by tenant",
        _swap(
            "tenants/managers.py", "return queryset.filter(tenant_id=require_tenant_id())", "return queryset"
        ),
        (GUARDS,),
    ),
    Guard(
        "inserts of another tenant are refused",
        _swap("tenants/managers.py", "if instance.tenant_id != tenant_id:", "if False:"),
        (GUARDS,),
    ),
    Guard(
        "save() cannot move a row to another tenant",
        _swap("tenants/managers.py", 'if field.name == "tenant" and', "if False and"),
        (GUARDS,),
    ),
    Guard(
        "update() cannot set the tenant",
        _swap("tenants/managers.py", 'if "tenant" in kwargs or "tenant_id" in kwargs:', "if False:"),
        (GUARDS,),
    ),
    Guard(
        "delete() stays within the tenant",
        _swap("tenants/models/base.py", "return rows.filter(pk=self.pk).delete()", "return super().delete()"),
        (GUARDS,),
    ),
    Guard(
        "delete() refuses another tenant's row",
        _swap("tenants/models/base.py", "if self.tenant_id != require_tenant_id():", "if False:"),
        (GUARDS,),
    ),
    Guard(
        "following a key stays within the tenant (base manager)",
        _swap(
            "tenants/models/base.py",
            'abstract = True\n        base_manager_name = "all_objects"',
            "abstract = True",
        ),
        (GUARDS,),
    ),
    Guard(
        "a scope is cleared at its end",
        _swap(
            "tenants/scope.py",
            "        _current.reset(token)\n        _restore()\n",
            "        _current.reset(token)\n",
        ),
        (SETTINGS,),
    ),
    Guard(
        "a rollback does not bring an old scope back",
        _swap("tenants/scope.py", "is wanted and not stale:", "is wanted:"),
        (SETTINGS,),
    ),
    Guard(
        "a savepoint's rollback is noticed",
        _swap("tenants/scope.py", 'sql.startswith("ROLLBACK")', "False"),
        (SETTINGS,),
    ),
    Guard(
        "a failed transaction can be rolled back inside a scope",
        _swap("tenants/scope.py", "if status == TransactionStatus.INERROR:", "if False:"),
        (SETTINGS,),
    ),
    Guard(
        "what a pool hands out is cleared",
        _swap(
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
        _swap(
            "tenants/scope.py",
            "    answer = raw.pgconn.exec_(",
            '    raw.execute("select")\n    answer = raw.pgconn.exec_(',
        ),
        (SETTINGS,),
    ),
    Guard(
        "a stream takes its scope along",
        _swap(
            "tenants/http/middleware.py",
            "                _keep_scope(response, scope.current())\n",
            "                pass\n",
        ),
        ("tests/tenants/identity/test_requests.py",),
    ),
    Guard(
        "a view's capability is asked for",
        _swap(
            "tenants/http/permissions.py",
            '        ensure_allowed(actor, capability_of(view, request.method or ""), view.kwargs)\n',
            "",
        ),
        ("tests/isolation/test_permissions.py",),
    ),
    Guard(
        "what is not there is missing before it is forbidden",
        _swap(
            "tenants/http/permissions.py",
            "    for name, value in path.items():",
            "    for name, value in ():",
        ),
        ("tests/isolation/test_permissions.py",),
    ),
    Guard(
        "a cursor belongs to its tenant",
        _swap("tenants/http/pagination.py", 'bound = f"{tenant}\\x00{listing}', 'bound = f"{listing}'),
        ("tests/tenants/test_lists.py", f"{SWEEP}[both layers]"),
    ),
    Guard(
        "cache keys bear the tenant",
        _swap(
            "tenants/cache.py", '    return f"{scope.require_tenant_id()}:{entity}:', '    return f"{entity}:'
        ),
        ("tests/tenants/test_cache.py",),
    ),
    Guard(
        "files lie in the tenant's folder",
        _swap("tenants/files.py", "tenant = scope.require_tenant_id().hex", 'tenant = "0" * 32'),
        ("tests/tenants/test_files.py",),
    ),
)

IDENTITY = (
    Guard(
        "a refresh token is spent once",
        _cut("tenants/statements/sessions.py", " AND used_at IS NULL"),
        ("tests/tenants/identity/test_refresh.py", "tests/faults/test_refresh_races.py"),
    ),
    Guard(
        "reuse ends the family",
        _cut(
            "tenants/services/sessions.py", '    revoke(session_ids=[session_id], because="refresh-reused")\n'
        ),
        ("tests/tenants/identity/test_refresh.py",),
    ),
    Guard(
        "only the same client gets the same successor",
        _swap("tenants/services/sessions.py", "        and row.used_by == client.fingerprint\n", ""),
        ("tests/tenants/identity/test_refresh.py",),
    ),
    Guard(
        "a retry is recognised for seconds only",
        _swap("tenants/services/sessions.py", "        and abs(now - row.used_at) <= window\n", ""),
        ("tests/tenants/identity/test_refresh.py",),
    ),
    Guard(
        "nothing outlives the login's end",
        _swap(
            "tenants/domain/sessions.py",
            "if login.revoked_at is not None or login.ends_at <= now:",
            "if login.revoked_at is not None:",
        ),
        ("tests/tenants/identity/test_sessions.py", "tests/tenants/identity/test_refresh.py"),
    ),
    Guard(
        "a changed password ends older logins",
        _swap(
            "tenants/domain/sessions.py",
            "login.password_changed_at is not None and login.auth_time < login.password_changed_at",
            "False",
        ),
        ("tests/tenants/identity",),
    ),
    Guard(
        "a lost membership ends the login",
        _swap("tenants/domain/sessions.py", "if not login.membership_is_active:", "if False:"),
        ("tests/tenants/identity",),
    ),
    Guard(
        "somebody is left who manages the members",
        _swap("tenants/services/rights.py", "if not is_administered():", "if False:"),
        ("tests/tenants/identity/test_members.py",),
    ),
)

LOGINS = (
    Guard(
        "a login by a way that the tenant has left is not prolonged",
        _cut(
            "tenants/services/sessions.py",
            "    if row.backend != row.auth_backend and"
            " not (row.backend == PASSWORD and row.is_break_glass):\n"
            "        raise RefreshRefused\n",
        ),
        ("tests/tenants/login/test_outages.py",),
    ),
    Guard(
        "a session without the demanded factor is not prolonged",
        _cut(
            "tenants/services/sessions.py",
            "    if row.demands_factor and MULTIPLE not in row.factors:\n        raise RefreshRefused\n",
        ),
        ("tests/tenants/login/test_steps.py",),
    ),
    Guard(
        "the glass breaks only for a second factor that was enrolled before",
        (
            (
                "tenants/workflows/steps.py",
                "    if proved.backend != tenants.current_tenant().auth_backend:",
                "    if False:",
            ),
            ("tenants/services/sessions.py", " and MULTIPLE in factors)", ")"),
        ),
        ("tests/tenants/login/test_outages.py",),
    ),
    Guard(
        "only who is named breaks the glass",
        (
            (
                "tenants/workflows/logins.py",
                "    if username in names and identity is not None:",
                "    if identity is not None:",
            ),
            (
                "tenants/services/sessions.py",
                "    if is_emergency and not (backend == PASSWORD and member.is_break_glass",
                "    if is_emergency and not (backend == PASSWORD",
            ),
            (
                "tenants/workflows/steps.py",
                "    if proved.backend != tenants.current_tenant().auth_backend:",
                "    if False:",
            ),
            ("tenants/services/sessions.py", " and MULTIPLE in factors)", ")"),
        ),
        ("tests/tenants/login/test_outages.py",),
    ),
    Guard(
        "a break-glass password is not sent to the directory",
        _swap(
            "tenants/workflows/logins.py",
            "password=token_urlsafe(32) if is_ours else password",
            "password=password",
        ),
        ("tests/tenants/login/test_outages.py",),
    ),
    Guard(
        "the directory is asked at a refresh",
        _cut(
            "tenants/workflows/logins.py",
            "        _ensure_still_member(found.membership_id, found.session_id, found.backend)\n",
        ),
        ("tests/tenants/login/test_following.py",),
    ),
    Guard(
        "a disabled account is a lost one",
        _swap(
            "tenants/workflows/provisioning.py",
            "standing is None or not standing.is_active",
            "standing is None",
        ),
        ("tests/tenants/login/test_following.py",),
    ),
    Guard(
        "a lost group takes the membership",
        _swap(
            "tenants/services/provisioning.py",
            "    if rules.decides and not role:\n        _take(",
            "    if False:\n        _take(",
        ),
        ("tests/tenants/login/test_following.py",),
    ),
    Guard(
        "one asks the directory about a person at a time",
        _swap("tenants/statements/directories.py", "pg_advisory_lock(%s)", "%s::bigint"),
        ("tests/tenants/login/test_following.py",),
    ),
    Guard(
        "a name links nobody unless the tenant says so",
        _swap(
            "tenants/services/provisioning.py",
            " if may_link and rules.links_by_username else",
            " if may_link else",
        ),
        ("tests/tenants/login/test_joining.py",),
    ),
    Guard(
        "a name links nobody twice",
        _swap(
            "tenants/services/provisioning.py",
            "ExternalIdentity.objects.filter(backend=backend)",
            "ExternalIdentity.objects.none()",
        ),
        ("tests/tenants/login/test_joining.py",),
    ),
    Guard(
        "what an administrator took the directory does not give back",
        _swap(
            "tenants/services/provisioning.py",
            " and gives_back and identity.lost_at is not None:",
            " and gives_back:",
        ),
        ("tests/tenants/login/test_joining.py",),
    ),
    Guard(
        "a challenge takes five answers",
        _cut("tenants/services/challenges.py", "        attempts__lt=MOST_ATTEMPTS,\n"),
        ("tests/tenants/login/test_steps.py",),
    ),
    Guard(
        "a challenge is its client's",
        _swap(
            "tenants/services/challenges.py",
            "        client=client.fingerprint,\n        used_at=None,\n",
            "        used_at=None,\n",
        ),
        ("tests/tenants/login/test_steps.py",),
    ),
    Guard(
        "a challenge is used once",
        _swap(
            "tenants/services/challenges.py",
            "filter(id=challenge.id, used_at=None, expires_at__gt=now)",
            "filter(id=challenge.id, expires_at__gt=now)",
        ),
        ("tests/tenants/login/test_steps.py",),
    ),
    Guard(
        "a directory's login ends at its company",
        _cut(
            "tenants/workflows/logins.py",
            "    if login.backend != PASSWORD:\n        raise OtherLogin\n",
        ),
        ("tests/tenants/login/test_switching.py",),
    ),
    Guard(
        "a secret does not follow to another address",
        _cut(
            "tenants/services/login_drafts.py",
            "    faults += _carried(backend, former, settings,"
            ' set(kept) - set(changes.get("secrets") or {}))\n',
        ),
        ("tests/tenants/login/test_configuration.py",),
    ),
    Guard(
        "a configuration is checked before it is saved",
        _cut(
            "tenants/services/login_drafts.py",
            "    faults += backend.validate(settings=settings, secrets=secrets)\n",
        ),
        ("tests/tenants/login/test_configuration.py",),
    ),
    Guard(
        "a switch leaves somebody who gets in",
        _swap("tenants/services/login_configuration.py", "if not (is_covered or accepts_risk):", "if False:"),
        ("tests/tenants/login/test_configuration.py",),
    ),
    Guard(
        "secrets of a login configuration are hidden from the trail",
        _cut("tenants/models/login.py", '    audit_redacted: ClassVar[tuple[str, ...]] = ("secrets",)\n'),
        ("tests/tenants/login/test_configuration.py",),
    ),
)

PEOPLE_TESTS = "tests/tenants/people"
ROLES_TESTS = f"{PEOPLE_TESTS}/test_roles_and_members.py"
KEYS_TESTS = f"{PEOPLE_TESTS}/test_api_keys.py"
INVITATION_TESTS = f"{PEOPLE_TESTS}/test_invitations.py"
LOCKOUT_TESTS = f"{PEOPLE_TESTS}/test_lockout.py"
PEOPLE = (
    Guard(
        "people: changes of rights wait for each other",
        _swap(
            "tenants/services/rights.py",
            "Tenant.objects.select_for_update(no_key=True).filter(",
            "Tenant.objects.filter(",
        ),
        (ROLES_TESTS,),
    ),
    Guard(
        "people: nobody gives a right they lack",
        _swap(
            "tenants/services/rights.py",
            "    if not _has(rights):\n        raise GrantsTooMuch",
            "    if False:\n        raise GrantsTooMuch",
        ),
        (ROLES_TESTS,),
    ),
    Guard(
        "people: who may do more is not changed by who may do less",
        _swap(
            "tenants/services/rights.py",
            "    if not _has(rights):\n        raise MayDoMore",
            "    if False:\n        raise MayDoMore",
        ),
        (ROLES_TESTS,),
    ),
    Guard(
        "people: a removed member's sessions end",
        _cut(
            "tenants/services/members.py",
            '    sessions.revoke_all(membership_id=membership.id, because="membership-ended")\n',
        ),
        (ROLES_TESTS,),
    ),
    Guard(
        "people: a key may do no more than its maker",
        _swap("tenants/selectors/api_keys.py", "(found.scopes & found.rights)", "found.scopes"),
        (KEYS_TESTS,),
    ),
    Guard(
        "people: a revoked key opens nothing",
        _cut("tenants/statements/api_keys.py", " AND k.revoked_at IS NULL"),
        (KEYS_TESTS,),
    ),
    Guard(
        "people: a key ends with its maker",
        _swap(
            "tenants/statements/api_keys.py",
            "m.id = k.membership_id AND m.is_active",
            "m.id = k.membership_id",
        ),
        (KEYS_TESTS,),
    ),
    Guard(
        "people: what is for people refuses keys",
        _swap("tenants/http/permissions.py", "if actor.is_person if needed", "if True if needed"),
        (KEYS_TESTS,),
    ),
    Guard(
        "people: an invitation works once",
        _cut("tenants/services/invitations.py", " or not is_open(invitation)"),
        (INVITATION_TESTS,),
    ),
    Guard(
        "people: an invitation gives nothing its author has lost",
        _cut("tenants/services/invitations.py", " or not _may_still_give(invitation)"),
        (INVITATION_TESTS,),
    ),
    Guard(
        "people: the link of a mail is forgotten once it has left",
        _swap(
            "tenants/services/mail.py",
            "is_confidential=True, then=nothing",
            "is_confidential=None, then=nothing",
        ),
        (INVITATION_TESTS,),
    ),
    Guard(
        "people: a locked name is refused",
        _swap("tenants/statements/lockout.py", "coalesce(old.locked_until > %(now)s, false)", "false"),
        (LOCKOUT_TESTS,),
    ),
    Guard(
        "people: strangers lock a name for strangers only",
        _swap(
            "tenants/statements/lockout.py",
            "CASE WHEN known.here THEN %(place)s ELSE %(elsewhere)s END",
            "%(elsewhere)s",
        ),
        (LOCKOUT_TESTS,),
    ),
    Guard(
        "people: names that no tenant has are counted like others",
        _swap(
            "tenants/workflows/guesses.py",
            "if standing.locked_until is None:",
            "if standing.locked_until is None or attempt.tenant_id == NOBODY:",
        ),
        (LOCKOUT_TESTS,),
    ),
)

FACTOR_TESTS = "tests/tenants/factors"
CODE_TESTS = f"{FACTOR_TESTS}/test_codes.py"
PASSKEY_TESTS = f"{FACTOR_TESTS}/test_passkeys.py"
CHANGE_TESTS = f"{FACTOR_TESTS}/test_changes.py"
ENROLMENT_TESTS = f"{FACTOR_TESTS}/test_enrolment.py"
PASSWORD_TESTS = f"{FACTOR_TESTS}/test_password_policy.py"
FACTORS = (
    Guard(
        "factors: a code works once",
        _cut("tenants/services/totp.py", ", last_step__lt=step"),
        (CODE_TESTS,),
    ),
    Guard(
        "factors: a code is good in its time",
        _swap("tenants/domain/totp.py", "WINDOW: Final = 1", "WINDOW: Final = 2"),
        (CODE_TESTS,),
    ),
    Guard(
        "factors: who begins again makes the former secret void",
        _cut(
            "tenants/services/totp.py",
            "    TotpDevice.objects.filter(membership_id=membership_id, confirmed_at=None).delete()\n",
        ),
        (CODE_TESTS, ENROLMENT_TESTS),
    ),
    Guard(
        "factors: a recovery code works once",
        _swap("tenants/services/recovery.py", ", digest=digest, used_at=None", ", digest=digest"),
        (CHANGE_TESTS,),
    ),
    Guard(
        "factors: passkeys answer our origin alone",
        _swap("tenants/ceremonies.py", "=_origin()", '=[_origin(), "http://billing.example"]'),
        (PASSKEY_TESTS,),
    ),
    Guard(
        "factors: passkeys verify their user",
        _swap("tenants/ceremonies.py", "require_user_verification=True", "require_user_verification=False"),
        (PASSKEY_TESTS,),
    ),
    Guard(
        "factors: the counter of a passkey grows where it is written",
        _swap(
            "tenants/services/passkeys.py",
            "rows.filter(sign_count__lt=count) if count else rows.filter(sign_count=0)",
            "rows.all()",
        ),
        (PASSKEY_TESTS,),
    ),
    Guard(
        "factors: what a browser was asked at a login is answered once",
        _cut("tenants/services/proofs.py", "    row.webauthn_challenge = None\n"),
        (PASSKEY_TESTS,),
    ),
    Guard(
        "factors: a ceremony is answered once",
        _cut("tenants/services/proofs.py", "attempts=0, "),
        (PASSKEY_TESTS, CHANGE_TESTS),
    ),
    Guard(
        "factors: a ceremony serves one purpose",
        _swap(
            "tenants/services/proofs.py",
            "membership_id=membership_id, purpose=purpose)",
            "membership_id=membership_id)",
        ),
        (PASSKEY_TESTS,),
    ),
    Guard(
        "factors: one goes with a proof only",
        _swap(
            "tenants/workflows/factors.py",
            "    ensure_proved(member=member, answer=proof)\n    totp.remove",
            "    totp.remove",
        ),
        (CHANGE_TESTS,),
    ),
    Guard(
        "factors: another one comes with a proof only",
        _cut("tenants/workflows/factors.py", "    _ensure_may_add(member, proof)\n"),
        (CHANGE_TESTS,),
    ),
    Guard(
        "factors: proofs are counted before they are looked at",
        _swap(
            "tenants/services/proofs.py",
            "    ensure_may_guess(membership_id=membership_id)\n    return _keep(membership_id, PROOF",
            "    return _keep(membership_id, PROOF",
        ),
        (CHANGE_TESTS,),
    ),
    Guard(
        "factors: the last one stays where it is demanded",
        _swap("tenants/services/factors.py", "        raise LastFactor\n", "        pass\n"),
        (CHANGE_TESTS,),
    ),
    Guard(
        "factors: recovery codes go with the last one",
        _cut(
            "tenants/services/factors.py",
            "    RecoveryCode.objects.filter(membership_id=member.id).delete()\n",
        ),
        (CHANGE_TESTS,),
    ),
    Guard(
        "factors: nobody resets oneself",
        _swap(
            "tenants/services/factors.py",
            "if scope.current().actor.membership_id == membership_id:",
            "if False:",
        ),
        (CHANGE_TESTS,),
    ),
    Guard(
        "factors: a reset ends the sessions",
        _cut(
            "tenants/services/factors.py",
            '    sessions.revoke_all(membership_id=membership_id, because="factors-reset")\n',
        ),
        (CHANGE_TESTS,),
    ),
    Guard(
        "passwords: former ones are refused",
        _cut(
            "tenants/backends/password.py",
            "        ensure_unused(new_password, hashes=user.password_history[: policy.history])\n",
        ),
        (PASSWORD_TESTS,),
    ),
    Guard(
        "passwords: common ones are refused",
        _swap("tenants/backends/policy.py", "is_common=common", "is_common=False"),
        (PASSWORD_TESTS,),
    ),
    Guard(
        "passwords: an old one has to be changed",
        _cut("tenants/backends/password.py", " or _is_over(member.user, current_policy())"),
        (PASSWORD_TESTS,),
    ),
    Guard(
        "passwords: one that was changed meanwhile is not changed by force",
        _swap("tenants/backends/password.py", "if user.password_changed_at != set_at:", "if False:"),
        (PASSWORD_TESTS,),
    ),
)

INVOICING = (
    Guard(
        "an issued document cannot be changed",
        _cut(
            "invoicing/migrations/0003_frozen_documents.py",
            "        migrations.RunSQL(FROZEN_INVOICE, migrations.RunSQL.noop),\n",
        ),
        ("tests/invoicing/test_creating.py", "tests/invoicing/api"),
    ),
    Guard(
        "the lines of an issued document cannot be changed",
        _cut(
            "invoicing/migrations/0003_frozen_documents.py",
            "        migrations.RunSQL(FROZEN_LINES, migrations.RunSQL.noop),\n",
        ),
        ("tests/invoicing/test_creating.py", "tests/invoicing/api"),
    ),
    Guard(
        "a number is drawn from a locked counter, not as max()+1 (batches)",
        (
            (
                "invoicing/statements/documents.py",
                "        DO UPDATE SET last = counter.last + excluded.last, updated_at = now()\n",
                (
                    "        DO UPDATE SET last = (SELECT coalesce(max(sequence), 0) FROM invoicing_invoice\n"
                    "            WHERE i.tenant_id = counter.tenant_id AND i.series_id = counter.series_id\n"
                    "              AND i.period = counter.period) + excluded.last, updated_at = now()\n"
                ),
            ),
        ),
        ("tests/invoicing/test_numbering.py",),
    ),
    Guard(
        "a number is drawn from a locked counter, not as max()+1 (drafts)",
        (
            (
                "invoicing/statements/documents.py",
                "DO UPDATE SET last = counter.last + 1, updated_at = now()",
                (
                    "DO UPDATE SET last = (SELECT coalesce(max(i.sequence), 0) + 1 FROM invoicing_invoice i\n"
                    "            WHERE i.tenant_id = counter.tenant_id AND i.series_id = counter.series_id\n"
                    "              AND i.period = counter.period), updated_at = now()"
                ),
            ),
        ),
        ("tests/invoicing/test_numbering.py",),
    ),
    Guard(
        "a draft is locked while it is changed",
        _swap(
            "invoicing/services/editing.py",
            "Invoice.objects.select_for_update(no_key=True).filter(id=invoice_id)",
            "Invoice.objects.filter(id=invoice_id)",
        ),
        ("tests/invoicing/test_locking.py",),
    ),
    Guard(
        "a stale version is refused",
        _swap("invoicing/services/editing.py", "    if version != expected:\n", "    if False:\n"),
        ("tests/invoicing/test_creating.py", "tests/invoicing/api"),
    ),
)

TRAIL = (
    Guard(
        "an entry that arrived is recognised by its event",
        _cut("audit/statements/delivery.py", "    ON CONFLICT (event_id) DO NOTHING\n"),
        ("tests/audit/test_delivery.py",),
    ),
    Guard(
        "the main database forgets only what the trail has",
        (
            (
                "audit/services/delivery.py",
                (
                    "        statements.store_entries(trail, batch)\n"
                    '        reached("stored")\n'
                    "        statements.remove_pending(main, batch)\n"
                    '        reached("removed")\n'
                    '    reached("committed")\n'
                ),
                (
                    "        statements.remove_pending(main, batch)\n"
                    '        reached("removed")\n'
                    '    reached("committed")\n'
                    "    statements.store_entries(trail, batch)\n"
                    '    reached("stored")\n'
                ),
            ),
        ),
        ("tests/audit/test_delivery.py",),
    ),
    Guard(
        "the relay holds what it delivers in one transaction",
        _swap("audit/services/delivery.py", "with transaction.atomic(using=MAIN):", "if True:"),
        ("tests/audit/test_delivery.py",),
    ),
    Guard(
        "two relays do not take the same entries",
        _cut("audit/statements/delivery.py", " FOR UPDATE SKIP LOCKED"),
        ("tests/audit/test_delivery.py",),
    ),
    Guard(
        "a tenant reads its own entries",
        _swap(
            "audit/migrations/0002_rights.py",
            "FOR SELECT TO app USING (tenant_id = {CURRENT_TENANT})",
            "FOR SELECT TO app USING (true)",
        ),
        ("tests/audit/test_rights.py",),
    ),
    Guard(
        "redacted columns do not enter the trail",
        _swap("audit/functions.py", "CASE WHEN tg_nargs > 1 THEN", "CASE WHEN false THEN"),
        ("tests/audit/test_recording.py",),
    ),
    Guard(
        "an audited table cannot be truncated",
        _cut("audit/triggers.py", '        Trigger(table, "audit_truncate", functions.REFUSE_TRUNCATE),\n'),
        ("tests/audit",),
    ),
)

FLOOR = (
    Guard(
        "a key answers only for the body it was used with",
        _swap("tenants/services/idempotency.py", "if known.fingerprint != fingerprint:", "if False:"),
        ("tests/tenants/idempotency/test_keys.py",),
    ),
    Guard(
        "a key in flight is held by a lock",
        _swap(
            "tenants/statements/idempotency.py",
            "pg_try_advisory_xact_lock(%(lock)s)",
            "(%(lock)s::bigint is not null)",
        ),
        ("tests/tenants/idempotency/test_concurrency.py",),
    ),
    Guard(
        "the answer is kept with the effect",
        _swap(
            "tenants/services/idempotency.py",
            "statements.keep(claim, status=answer.status, headers=dict(answer.headers), body=answer.body)",
            "pass",
        ),
        ("tests/tenants/idempotency/test_keys.py",),
    ),
    Guard(
        "dispatchers wait for each other",
        _cut("tenants/services/jobs.py", "    statements.exclude_other_dispatchers()\n"),
        ("tests/tenants/jobs",),
    ),
    Guard(
        "a worker that lost its job cannot finish it",
        _swap(
            "tenants/services/jobs.py",
            "    if not statements.finish(task, result=result):\n",
            "    if not statements.finish(task, result=result) and False:\n",
        ),
        ("tests/tenants/jobs",),
    ),
    Guard(
        "a job's success commits with its effect",
        _swap(
            "tenants/services/jobs.py",
            "@transaction.atomic\ndef _run_whole",
            "def _run_whole",
        ),
        ("tests/tenants/jobs",),
    ),
    Guard(
        "start-up refuses a role that row-level security does not bind",
        _swap("tenants/startup.py", "r.rolsuper, r.rolbypassrls", "false, false"),
        ("tests/tenants/identity/test_startup.py",),
    ),
)

DIRECTORY = "tenants/backends/ldap/directory.py"
LDAP_LOGINS = "tests/tenants/ldap/test_logins.py"
LDAP_SERVERS = "tests/tenants/ldap/test_servers.py"
LDAP_GROUPS = "tests/tenants/ldap/test_groups.py"
DIRECTORIES = (
    Guard(
        "an empty password never reaches a directory",
        (
            (DIRECTORY, "        if not password or not wanted", "        if not wanted"),
            (
                "tenants/backends/ldap/connection.py",
                "        if not password or not dn:\n",
                "        if not dn:\n",
            ),
        ),
        (LDAP_LOGINS,),
    ),
    Guard(
        "names are escaped in a directory's filters",
        _swap(DIRECTORY, "({attribute: username})", "({attribute: username}, escape=False)"),
        (LDAP_LOGINS,),
    ),
    Guard(
        "a name that two entries share is nobody's",
        _swap(
            "tenants/backends/ldap/connection.py",
            "(entries[0], False) if len(entries) == 1 else (None, len(entries) > 1)",
            "(entries[0], False) if entries else (None, False)",
        ),
        (LDAP_LOGINS,),
    ),
    Guard(
        "an account that its directory has disabled is refused",
        _swap(DIRECTORY, "REFUSED or not self._rules.is_active(entry, now=now)", "REFUSED"),
        (LDAP_LOGINS,),
    ),
    Guard(
        "a grace login is good for changing the password only",
        _cut("tenants/backends/ldap/dialects/openldap.py", " or result.grace is not None"),
        (LDAP_LOGINS,),
    ),
    Guard(
        "a directory's certificate has to be of its host",
        _swap(
            "tenants/backends/ldap/transport.py",
            "    context.minimum_version",
            "    context.check_hostname = False\n    context.minimum_version",
        ),
        (LDAP_SERVERS,),
    ),
    Guard(
        "a directory's certificate has to be of a trusted authority",
        _swap(
            "tenants/backends/ldap/transport.py",
            "    context.minimum_version",
            "    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE\n"
            "    context.minimum_version",
        ),
        (LDAP_SERVERS,),
    ),
    Guard(
        "nothing is taken from a directory between StartTLS and the handshake",
        _swap("tenants/backends/ldap/transport.py", "    if rest:\n", "    if False:\n"),
        (LDAP_SERVERS,),
    ),
    Guard(
        "a directory that refers to another server is not followed",
        _swap("tenants/backends/ldap/connection.py", "ldap.OPT_REFERRALS, 0", "ldap.OPT_REFERRALS, 1"),
        (LDAP_SERVERS,),
    ),
    Guard(
        "a directory that is not well gives no verdict",
        _swap(
            "tenants/backends/ldap/connection.py",
            "            except AILING:\n                raise\n",
            "            except ldap.SERVER_DOWN:\n                raise\n",
        ),
        (LDAP_SERVERS,),
    ),
    Guard(
        "a name that nobody has costs a bind, too",
        _swap(
            DIRECTORY,
            "            entry = self._entry_named(connection, wanted)\n            result",
            "            entry = self._entry_named(connection, wanted)\n            if entry is None:\n"
            "                return None\n            result",
        ),
        (LDAP_SERVERS,),
    ),
    Guard(
        "a group called like the DN of another one is not that one",
        _cut("tenants/backends/ldap/groups.py", " and not is_dn(name)"),
        (LDAP_GROUPS,),
    ),
    Guard(
        "the people of a directory that the tenant has left are gone",
        _swap(
            "tenants/backends/ldap/backend.py",
            "if identity.issuer != checks.issuer_of(settings):",
            "if False:",
        ),
        ("tests/tenants/ldap/test_looking_up.py",),
    ),
    Guard(
        "the password of the searching account goes to no other server",
        _swap(
            "tenants/backends/ldap/backend.py",
            'frozenset({"servers", "ca_certificates", "bind_dn"})',
            "frozenset()",
        ),
        ("tests/tenants/ldap/test_over_http.py",),
    ),
)

GUARDED: tuple[Guard, ...] = (
    *TENANCY,
    *IDENTITY,
    *LOGINS,
    *PEOPLE,
    *FACTORS,
    *DIRECTORIES,
    *INVOICING,
    *TRAIL,
    *FLOOR,
)
