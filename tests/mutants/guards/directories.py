"""The guards of logins by LDAP."""

from tests.mutants.guard import Guard, cut, swap

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
        swap(DIRECTORY, "({attribute: username})", "({attribute: username}, escape=False)"),
        (LDAP_LOGINS,),
    ),
    Guard(
        "a name that two entries share is nobody's",
        swap(
            "tenants/backends/ldap/connection.py",
            "(entries[0], False) if len(entries) == 1 else (None, len(entries) > 1)",
            "(entries[0], False) if entries else (None, False)",
        ),
        (LDAP_LOGINS,),
    ),
    Guard(
        "an account that its directory has disabled is refused",
        swap(DIRECTORY, "REFUSED or not self._rules.is_active(entry, now=now)", "REFUSED"),
        (LDAP_LOGINS,),
    ),
    Guard(
        "a grace login is good for changing the password only",
        cut("tenants/backends/ldap/dialects/openldap.py", " or result.grace is not None"),
        (LDAP_LOGINS,),
    ),
    Guard(
        "a directory's certificate has to be of its host",
        swap(
            "tenants/backends/ldap/transport.py",
            "    context.minimum_version",
            "    context.check_hostname = False\n    context.minimum_version",
        ),
        (LDAP_SERVERS,),
    ),
    Guard(
        "a directory's certificate has to be of a trusted authority",
        swap(
            "tenants/backends/ldap/transport.py",
            "    context.minimum_version",
            "    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE\n"
            "    context.minimum_version",
        ),
        (LDAP_SERVERS,),
    ),
    Guard(
        "nothing is taken from a directory between StartTLS and the handshake",
        swap("tenants/backends/ldap/transport.py", "    if rest:\n", "    if False:\n"),
        (LDAP_SERVERS,),
    ),
    Guard(
        "a directory that refers to another server is not followed",
        swap("tenants/backends/ldap/connection.py", "ldap.OPT_REFERRALS, 0", "ldap.OPT_REFERRALS, 1"),
        (LDAP_LOGINS,),
    ),
    Guard(
        "a directory that is not well gives no verdict",
        swap(
            "tenants/backends/ldap/connection.py",
            "            except AILING:\n                raise\n",
            "            except ldap.SERVER_DOWN:\n                raise\n",
        ),
        (LDAP_SERVERS,),
    ),
    Guard(
        "a name that nobody has costs a bind, too",
        swap(
            DIRECTORY,
            "            entry = self._entry_named(connection, wanted)\n            result",
            "            entry = self._entry_named(connection, wanted)\n            if entry is None:\n"
            "                return None\n            result",
        ),
        (LDAP_SERVERS,),
    ),
    Guard(
        "a group called like the DN of another one is not that one",
        cut("tenants/backends/ldap/groups.py", " and not is_dn(name)"),
        (LDAP_GROUPS,),
    ),
    Guard(
        "the people of a directory that the tenant has left are gone",
        swap(
            "tenants/backends/ldap/backend.py",
            "if identity.issuer != checks.issuer_of(settings):",
            "if False:",
        ),
        ("tests/tenants/ldap/test_looking_up.py",),
    ),
    Guard(
        "the password of the searching account goes to no other server",
        swap(
            "tenants/backends/ldap/backend.py",
            'frozenset({"servers", "ca_certificates", "bind_dn"})',
            "frozenset()",
        ),
        ("tests/tenants/ldap/test_over_http.py",),
    ),
)
