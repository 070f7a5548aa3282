"""What differs between directories: attributes, states of an account, ways to change a password."""

from tenants.backends.ldap.dialects.active_directory import ActiveDirectory
from tenants.backends.ldap.dialects.base import DialectRules
from tenants.backends.ldap.dialects.openldap import OpenLdap
from tenants.backends.ldap.dialects.oracle_oid import OracleOid
from tenants.backends.ldap.settings import Dialect

_RULES: dict[Dialect, DialectRules] = {
    Dialect.OPENLDAP: OpenLdap(),
    Dialect.ACTIVE_DIRECTORY: ActiveDirectory(),
    Dialect.ORACLE_OID: OracleOid(),
}


def rules_of(dialect: Dialect) -> DialectRules:
    """The rules of a dialect."""
    return _RULES[dialect]
