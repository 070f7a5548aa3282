"""Without the extra quittance[ldap]: everything runs, and LDAP says in a sentence why it does not."""

import subprocess
import sys

from tenants.backends.ldap.available import MISSING

_WITHOUT = """
import sys
sys.modules["ldap"] = sys.modules["django_auth_ldap"] = None
import django
django.setup()
from tenants.backends.base import DirectoryUnavailable
from tenants.backends.ldap.settings import LdapSettings
from tenants.backends.registry import backends
backend = backends().get("ldap")
settings = LdapSettings(servers=("ldaps://directory.example",), user_base="dc=example")
for fault in backend.validate(settings=settings, secrets={}):
    print(fault.pointer, fault.code, fault.detail, sep="|")
for step in backend.test(settings=settings, secrets={}):
    print(step.name, step.ok, step.detail, sep="|")
class Active:
    is_active = True
try:
    backend.authenticate(tenant=Active(), username="ada", password="secret")
except DirectoryUnavailable as error:
    print(error.code)
"""


def test_without_the_extra_ldap_is_refused_with_a_reason() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout.splitlines() == [
        f"/backend|extra-missing|{MISSING}",
        f"extra|False|{MISSING}",
        "directory-unavailable",
    ], done.stderr
