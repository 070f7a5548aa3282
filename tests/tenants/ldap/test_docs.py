"""The commands of the how-to pages, run as they stand, but for what a reader fills in."""

import re
import shlex
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.embedded import REPOSITORY
from tenants.models import Tenant
from tests.factories import PASSWORD, make_member
from tests.factories.manuals import ADDRESS, commands_of, needs_curl, run, served
from tests.tenants.ldap.slapd import READER, READER_PASSWORD, SUFFIX, Person, Slapd


@pytest.fixture
def base_url() -> Iterator[str]:
    with served() as address:
        yield address


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


@needs_curl
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
    script = commands_of(page)
    for name, value in filled_in.items():
        script, count = re.subn(rf"(?m)^{name}=.*$", _assigned(name, value), script)
        assert count == 1, name
    script = script.replace("TENANT=acme ADMIN=ada ADMIN_PASSWORD=quittance-demo", admins)
    script = script.replace(ADDRESS, base_url)
    # The rule by which a domain walks the chain of groups is one that slapd does not know.
    script = script.replace(', "nested_groups": true', "")
    # From the top of the repository in the text; in a folder of its own here.
    script = script.replace("requirements/install.py", str(REPOSITORY / "requirements" / "install.py"))
    done = run(script, tmp_path)
    lines = done.printed.splitlines()
    assert f"dn: {person.dn}" in lines
    assert '"ok":true' in done.printed
    assert re.search(r"\badmin$", done.printed, re.MULTILINE)
    assert re.search(r"^Bearer$", done.printed, re.MULTILINE)
    assert '"backend":"password"' in done.printed
    assert not list(tmp_path.iterdir())


def _assigned(name: str, value: str) -> Callable[[re.Match[str]], str]:
    return lambda _: f"{name}={shlex.quote(value)}"
