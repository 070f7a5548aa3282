"""The how-to pages that need no directory server, command by command; those of LDAP are beside slapd."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from config.embedded import REPOSITORY
from tenants import outbound
from tenants.models import Tenant
from tests.factories import PASSWORD, make_member, scope_of
from tests.factories.invoicing import make_legal_entity
from tests.factories.manuals import ADDRESS, commands_of, needs_curl, run, served, without
from tests.factories.openid import running

pytestmark = needs_curl

ADMIN, CLERK = "ada", "edith"
CALLBACKS = [f"https://quittance.example/api/v2/auth/sso/{path}" for path in ("acme/callback", "callback")]


# The code of the next half minute, which is taken already, instead of waiting for it.
AHEAD = [
    ("sleep 30\n", "export AHEAD=30\n"),
    ("import json, pyotp;", "import json, os, pyotp, time;"),
    (".now())", '.at(int(time.time()) + int(os.environ.get("AHEAD", 0))))'),
]


@pytest.fixture
def base_url() -> Iterator[str]:
    with served() as address:
        yield address


@pytest.fixture
def provider(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    """What the page has one start in the first terminal; the folder it writes to."""
    with running():
        # Without Node a skip with the reason.
        settings.OUTBOUND_ALLOW_LOOPBACK = True
    folder = tmp_path / "openid"
    folder.mkdir()
    command = [sys.executable, "-m", "tests.tenants.oidc.serve", str(folder)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline().startswith("Ada signs in")
            yield folder
        finally:
            process.send_signal(signal.SIGTERM)
    outbound.close()


def filled_in(script: str, tenant: Tenant, base_url: str) -> str:
    """The script for this tenant and this server instead of the demo's."""
    script = script.replace('"tenant": "acme"', f'"tenant": "{tenant.slug}"').replace(ADDRESS, base_url)
    return script.replace("/sso/acme/", f"/sso/{tenant.slug}/").replace("quittance-demo", PASSWORD)


def test_openid_connect(acme: Tenant, base_url: str, provider: Path) -> None:
    make_member(acme, role="admin", username=ADMIN, password=PASSWORD)
    script = without(
        commands_of("openid-connect.md"),
        "mkdir -p /tmp/openid && .venv/bin/python -m tests.tenants.oidc.serve /tmp/openid",
        "OUTBOUND_ALLOW_LOOPBACK=true make run",
        *CALLBACKS,
    )
    done = run(filled_in(script, acme, base_url).replace("/tmp/openid", str(provider)), provider)
    assert done.statuses == [200, 200, 200, 200, 302, 200, 200]
    for step in ("discovery", "issuer", "keys", "client", "callback"):
        assert f'"name":"{step}","ok":true' in done.printed
    assert "code_challenge_method=S256" in done.printed
    assert '"backend":"password"' in done.printed


def test_entra_id(acme: Tenant, base_url: str, provider: Path) -> None:
    make_member(acme, role="admin", username=ADMIN, password=PASSWORD)
    script = without(commands_of("entra-id.md"), *(f"   {address}" for address in CALLBACKS))
    done = run(filled_in(script, acme, base_url).replace("/tmp/openid", str(provider)), provider)
    assert done.statuses == [200, 200, 200, 200, 302]
    assert '"ok":true' in done.printed
    assert '"backend":"entra"' in done.printed
    assert "code_challenge_method=S256" in done.printed


def test_password_and_second_factor(acme: Tenant, base_url: str, tmp_path: Path) -> None:
    make_member(acme, role="admin", username=ADMIN, password=PASSWORD)
    make_member(acme, role="editor", username=CLERK, password=PASSWORD)
    script = without(
        commands_of("password-and-second-factor.md"), "PUBLIC_BASE_URL=http://localhost:8000 make run"
    )
    for text, instead in AHEAD:
        assert script.count(text) == 1
        script = script.replace(text, instead)
    script = filled_in(script, acme, base_url).replace("/tmp/", f"{tmp_path}/")
    done = run(script.replace(".venv/bin/python", sys.executable), tmp_path)
    rules, forced, app, recovery = (
        [200, 200, 200, 200, 400],
        [200, 200, 200, 403, 200],
        [201, 200, 401, 200],
        [401, 200],
    )
    demanded, proved = [200, 200, 401], [200, 200]
    assert done.statuses == [*rules, *forced, *app, *recovery, *demanded, *proved]
    assert done.printed.count('"token_type":"Bearer"') == 3
    assert done.printed.splitlines()[-1].endswith("204")


def test_members_and_keys(acme: Tenant, base_url: str, tmp_path: Path) -> None:
    make_member(acme, role="admin", username=ADMIN, password=PASSWORD)
    make_member(acme, role="viewer")
    script = filled_in(commands_of("members-and-keys.md"), acme, base_url)
    done = run(script.replace("/tmp/", f"{tmp_path}/"), tmp_path)
    role, invitation = [200, 200, 201, 200, 200], [201, 200, 200, 204]
    member, key = [200, 200, 200, 200, 204, 200], [201, 200, 200, 201, 204]
    assert done.statuses == [*role, *invitation, *member, *key, 204]
    assert not list(tmp_path.iterdir())


def test_receivables(acme: Tenant, base_url: str, tmp_path: Path) -> None:
    make_member(acme, role="admin", username=ADMIN, password=PASSWORD)
    with scope_of(acme):
        make_legal_entity()
    done = run(filled_in(commands_of("receivables.md"), acme, base_url), tmp_path)
    begun, received, settled = [200, 201, 201, 201], [201, 200], [201, 409, 200, 201]
    back, given_up, gone = [201], [201, 200, 201], [201, 201, 201]
    assert done.statuses == [*begun, *received, *settled, *back, *given_up, *gone, *[200] * 7]
    assert '"code":"above-balance"' in done.printed
    assert '"pointer":"/allocations/0/amount"' in done.printed
    # 150 invoiced, 120 received, 5 paid back, 60 returned.
    assert '"balance":"95.00"' in done.printed
    assert '"is_final":true' in done.printed


def test_correcting_invoices(acme: Tenant, base_url: str, tmp_path: Path) -> None:
    make_member(acme, role="admin", username=ADMIN, password=PASSWORD)
    with scope_of(acme):
        make_legal_entity()
    script = filled_in(commands_of("correcting-invoices.md"), acme, base_url)
    done = run(script.replace("/tmp/", f"{tmp_path}/"), tmp_path)
    begun, parts, rest = [200, 201, 201], [200, 201, 201, 201, 201, 409], [201, 200]
    assert done.statuses == [*begun, *parts, *rest, 201, 201, 200, 200, 200]
    assert '"code":"exceeds-what-is-left"' in done.printed
    assert "credited 450.13 of 450.13" in done.printed
    assert '"status":"voided"' in done.printed


def test_currencies_and_taxes(acme: Tenant, base_url: str, tmp_path: Path) -> None:
    make_member(acme, role="admin", username=ADMIN, password=PASSWORD)
    with scope_of(acme):
        make_legal_entity()
    script = filled_in(commands_of("currencies-and-taxes.md"), acme, base_url)
    done = run(script.replace("/tmp/", f"{tmp_path}/"), tmp_path)
    begun, rates, foreign = [200, 201, 200], [201, 201, 200, 201], [201, 200, 201, 200, 200]
    assert done.statuses == [*begun, *rates, *foreign, 200, 200, 201, 201, 201, 201, 201, 200]
    # 1190.00 USD at 0.92 instead of 0.90.
    assert '"net":{"amount":"23.80","currency":"EUR"}' in done.printed
    assert '"payable":"1112.00"' in done.printed
    assert "VATEX-EU-AE" in done.printed
    assert '"tax_total":"16.00"' in done.printed


def test_closing_a_period(acme: Tenant, base_url: str, tmp_path: Path) -> None:
    make_member(acme, role="admin", username=ADMIN, password=PASSWORD)
    make_member(acme, role="editor")
    script = filled_in(commands_of("closing-a-period.md"), acme, base_url)
    done = run(script.replace("/tmp/", f"{tmp_path}/"), tmp_path)
    assert done.statuses == [200, 201, 201, 200, 200, 200, 201, 409, 201, 200, 200, 200, 200, 200]
    for day in ("2026-02-10", "2026-05-05", "2026-03-02"):
        assert f'"due_date":"{day}"' in done.printed
    assert '"open_from":"2026-01-01"' in done.printed
