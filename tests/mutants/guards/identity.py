"""The guards of sessions and memberships, and of how a tenant logs in."""

from tests.mutants.guard import Guard, cut, swap

IDENTITY = (
    Guard(
        "a refresh token is spent once",
        cut("tenants/statements/sessions.py", " AND used_at IS NULL"),
        ("tests/tenants/identity/test_refresh.py", "tests/faults/test_refresh_races.py"),
    ),
    Guard(
        "reuse ends the family",
        cut(
            "tenants/services/sessions.py", '    revoke(session_ids=[session_id], because="refresh-reused")\n'
        ),
        ("tests/tenants/identity/test_refresh.py",),
    ),
    Guard(
        "only the same client gets the same successor",
        swap("tenants/services/sessions.py", "        and row.used_by == client.fingerprint\n", ""),
        ("tests/tenants/identity/test_refresh.py",),
    ),
    Guard(
        "a retry is recognised for seconds only",
        swap("tenants/services/sessions.py", "        and abs(now - row.used_at) <= window\n", ""),
        ("tests/tenants/identity/test_refresh.py",),
    ),
    Guard(
        "nothing outlives the login's end",
        swap(
            "tenants/domain/sessions.py",
            "if login.revoked_at is not None or login.ends_at <= now:",
            "if login.revoked_at is not None:",
        ),
        ("tests/tenants/identity/test_sessions.py", "tests/tenants/identity/test_refresh.py"),
    ),
    Guard(
        "a changed password ends older logins",
        swap(
            "tenants/domain/sessions.py",
            "login.password_changed_at is not None and login.auth_time < login.password_changed_at",
            "False",
        ),
        ("tests/tenants/identity",),
    ),
    Guard(
        "a lost membership ends the login",
        swap("tenants/domain/sessions.py", "if not login.membership_is_active:", "if False:"),
        ("tests/tenants/identity",),
    ),
    Guard(
        "somebody is left who manages the members",
        swap("tenants/services/rights.py", "if not is_administered():", "if False:"),
        ("tests/tenants/identity/test_members.py",),
    ),
)

LOGINS = (
    Guard(
        "a login by a way that the tenant has left is not prolonged",
        cut(
            "tenants/services/sessions.py",
            "    if row.backend != row.auth_backend and"
            " not (row.backend == PASSWORD and row.is_break_glass):\n"
            "        raise RefreshRefused\n",
        ),
        ("tests/tenants/login/test_outages.py",),
    ),
    Guard(
        "a session without the demanded factor is not prolonged",
        cut(
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
                "    if proved.backend != member.tenant.auth_backend:",
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
                "    if proved.backend != member.tenant.auth_backend:",
                "    if False:",
            ),
            ("tenants/services/sessions.py", " and MULTIPLE in factors)", ")"),
        ),
        ("tests/tenants/login/test_outages.py",),
    ),
    Guard(
        "a break-glass password is not sent to the directory",
        swap(
            "tenants/workflows/logins.py",
            "password=token_urlsafe(32) if is_ours else password",
            "password=password",
        ),
        ("tests/tenants/login/test_outages.py",),
    ),
    Guard(
        "the directory is asked at a refresh",
        cut(
            "tenants/workflows/logins.py",
            "        _ensure_still_member(found.membership_id, found.session_id, found.backend)\n",
        ),
        ("tests/tenants/login/test_following.py",),
    ),
    Guard(
        "a disabled account is a lost one",
        swap(
            "tenants/workflows/provisioning.py",
            "standing is None or not standing.is_active",
            "standing is None",
        ),
        ("tests/tenants/login/test_following.py",),
    ),
    Guard(
        "a lost group takes the membership",
        swap(
            "tenants/services/provisioning.py",
            "    if rules.decides and not role:\n        _take(",
            "    if False:\n        _take(",
        ),
        ("tests/tenants/login/test_following.py",),
    ),
    Guard(
        "one asks the directory about a person at a time",
        swap("tenants/statements/directories.py", "pg_advisory_lock(%s)", "%s::bigint"),
        ("tests/tenants/login/test_following.py",),
    ),
    Guard(
        "a name links nobody unless the tenant says so",
        swap(
            "tenants/services/provisioning.py",
            " if may_link and rules.links_by_username else",
            " if may_link else",
        ),
        ("tests/tenants/login/test_joining.py",),
    ),
    Guard(
        "a name links nobody twice",
        swap(
            "tenants/services/provisioning.py",
            "ExternalIdentity.objects.filter(backend=backend)",
            "ExternalIdentity.objects.none()",
        ),
        ("tests/tenants/login/test_joining.py",),
    ),
    Guard(
        "what an administrator took the directory does not give back",
        swap(
            "tenants/services/provisioning.py",
            " and gives_back and identity.lost_at is not None:",
            " and gives_back:",
        ),
        ("tests/tenants/login/test_joining.py",),
    ),
    Guard(
        "a challenge takes five answers",
        cut("tenants/services/challenges.py", "        attempts__lt=MOST_ATTEMPTS,\n"),
        ("tests/tenants/login/test_steps.py",),
    ),
    Guard(
        "a challenge is its client's",
        swap(
            "tenants/services/challenges.py",
            "        client=client.fingerprint,\n        used_at=None,\n",
            "        used_at=None,\n",
        ),
        ("tests/tenants/login/test_steps.py",),
    ),
    Guard(
        "a challenge is used once",
        swap(
            "tenants/services/challenges.py",
            "filter(id=challenge.id, used_at=None, expires_at__gt=now)",
            "filter(id=challenge.id, expires_at__gt=now)",
        ),
        ("tests/tenants/login/test_steps.py",),
    ),
    Guard(
        "a directory's login ends at its company",
        cut(
            "tenants/workflows/logins.py",
            "    if login.backend != PASSWORD:\n        raise OtherLogin\n",
        ),
        ("tests/tenants/login/test_switching.py",),
    ),
    Guard(
        "a secret does not follow to another address",
        cut(
            "tenants/services/login_drafts.py",
            "    faults += _carried(backend, former, settings,"
            ' set(kept) - set(changes.get("secrets") or {}))\n',
        ),
        ("tests/tenants/login/test_configuration.py",),
    ),
    Guard(
        "a configuration is checked before it is saved",
        cut(
            "tenants/services/login_drafts.py",
            "    faults += backend.validate(settings=settings, secrets=secrets)\n",
        ),
        ("tests/tenants/login/test_configuration.py",),
    ),
    Guard(
        "a switch leaves somebody who gets in",
        swap("tenants/services/login_configuration.py", "if not (is_covered or accepts_risk):", "if False:"),
        ("tests/tenants/login/test_configuration.py",),
    ),
    Guard(
        "secrets of a login configuration are hidden from the trail",
        cut("tenants/models/login.py", '    audit_redacted: ClassVar[tuple[str, ...]] = ("secrets",)\n'),
        ("tests/tenants/login/test_configuration.py",),
    ),
)
