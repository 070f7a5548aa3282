"""The commands of the how-to pages, run as they stand, but for what a reader fills in."""

import os
import re
import shlex
import shutil
import subprocess
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connections

from config.embedded import REPOSITORY
from tenants.models import Tenant
from tests.factories import PASSWORD, make_member
from tests.tenants.ldap.slapd import READER, READER_PASSWORD, SUFFIX, Person, Slapd

_PAGES = REPOSITORY / "docs" / "how-to"


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Requests are not what a test prints."""


@pytest.fixture
def base_url() -> Iterator[str]:
    """The service over HTTP, in a thread of this process."""
    with make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=_Quiet) as server:

        def serve() -> None:
            try:
                server.serve_forever(poll_interval=0.05)
            finally:
                connections.close_all()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def openldap(slapd: Slapd, base: str) -> tuple[Person, str]:
    ada = slapd.person(below=base)
    return ada, slapd.group(ada.dn, below=base)


def active_directory(slapd: Slapd, base: str) -> tuple[Person, str]:
    name = f"ada-{uuid.uuid4().hex[:8]}"
    entry: dict[str, str | bytes] = {"sAMAccountName": name, "userAccountControl": "512"}
    entry["objectGUID"] = uuid.uuid4().bytes_le
    ada = slapd.person(uid=name, below=base, classes=["user"], **entry)
    return ada, slapd.group(ada.dn, below=base)


def oracle_oid(slapd: Slapd, base: str) -> tuple[Person, str]:
    ada = slapd.person(below=base, classes=["orclUserV2"], orclGUID=uuid.uuid4().hex.upper())
    return ada, slapd.group(ada.dn, kind="groupOfUniqueNames", below=base)


Make = Callable[[Slapd, str], tuple[Person, str]]
PAGES: list[tuple[str, Make]] = [
    ("ldap-openldap.md", openldap),
    ("ldap-active-directory.md", active_directory),
    ("ldap-oracle-oid.md", oracle_oid),
]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is missing: apt-get install curl")
@pytest.mark.parametrize(("page", "make"), PAGES, ids=[name for name, _ in PAGES])
def test_the_commands_of_a_page_work(
    page: str, make: Make, slapd: Slapd, acme: Tenant, base_url: str, tmp_path: Path
) -> None:
    admin = make_member(acme, role="admin", password=PASSWORD)
    base = f"ou={acme.slug},{SUFFIX}"
    slapd.add(base, {"objectClass": "organizationalUnit"})
    person, group = make(slapd, base)
    filled_in = {
        "DIRECTORY": slapd.ldaps_url,
        "AUTHORITY": slapd.cafile,
        "BASE": base,
        "READER": READER,
        "SECRET": READER_PASSWORD,
        "PERSON": person.uid,
        "PERSON_PASSWORD": person.password,
        "GROUP": group,
    }
    admins = f"TENANT={acme.slug} ADMIN={admin.username} ADMIN_PASSWORD={shlex.quote(PASSWORD)}"
    script = commands_of((_PAGES / page).read_text())
    for name, value in filled_in.items():
        script, count = re.subn(rf"(?m)^{name}=.*$", _assigned(name, value), script)
        assert count == 1, name
    script = script.replace("TENANT=acme ADMIN=ada ADMIN_PASSWORD=quittance-demo", admins)
    script = script.replace("http://127.0.0.1:8000", base_url)
    # The rule by which a domain walks the chain of groups is one that slapd does not know.
    script = script.replace(', "nested_groups": true', "")
    # From the top of the repository in the text; in a folder of its own here.
    script = script.replace("requirements/install.py", str(REPOSITORY / "requirements" / "install.py"))
    # slapdtest sets LDAPNOINIT, by which ldapsearch would not read LDAPTLS_CACERT.
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={name: value for name, value in os.environ.items() if name != "LDAPNOINIT"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert f"dn: {person.dn}" in lines
    assert '"ok":true' in done.stdout
    assert re.search(r"\badmin$", done.stdout, re.MULTILINE)
    assert re.search(r"^Bearer$", done.stdout, re.MULTILINE)
    assert '"backend":"password"' in done.stdout
    assert not list(tmp_path.iterdir())


def _assigned(name: str, value: str) -> Callable[[re.Match[str]], str]:
    return lambda _: f"{name}={shlex.quote(value)}"


def commands_of(page: str) -> str:
    """The indented blocks of a page, one after the other."""
    lines = [line[4:] for line in page.splitlines() if line.startswith("    ")]
    return "\n".join(lines) + "\n"
