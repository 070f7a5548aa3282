"""Whether this installation has the libraries of the extra quittance[ldap]."""

from importlib.util import find_spec

# The compiled module, which no folder that merely has the name (such as stubs for mypy) can stand in for.
INSTALLED = find_spec("_ldap") is not None and find_spec("django_auth_ldap") is not None
MISSING = (
    "Logging in through LDAP needs the extra quittance[ldap] (python-ldap and django-auth-ldap), "
    "which is not installed here: ask whoever runs this installation."
)
