"""The provider of the tests for trying things by hand: `python -m tests.tenants.oidc.serve FOLDER`.

Writes FOLDER/openid.env, to be read by a shell, and FOLDER/ca.pem; ends with Ctrl-C. Ada can sign in.
"""

import os
import shlex
import signal
import sys
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402

from tests.factories import openid  # noqa: E402


def main() -> None:
    """Serve until interrupted."""
    folder = Path(sys.argv[1] if len(sys.argv) == 2 else ".")
    own = f"{settings.PUBLIC_BASE_URL}/api/v2/auth/sso/acme/callback"
    with openid.running() as directory:
        plain, entra = (openid.open_house(directory, own, silent=silent) for silent in (False, True))
        plain.account(groups=["accounting"], email="ada@acme.example", amr=["pwd", "mfa"])
        entra.account(roles=["Invoicing.Editor"], oid="object-of-ada", preferred_username="ada@acme.example")
        (folder / "ca.pem").write_text(directory.ca)
        values = {
            "ISSUER": plain.issuer,
            "AUTHORITY": directory.origin,
            "DIRECTORY": entra.tid,
            "CLIENT_ID": openid.CLIENT_ID,
            "CLIENT_SECRET": openid.CLIENT_SECRET,
            "CA": str((folder / "ca.pem").resolve()),
        }
        lines = [f"{name}={shlex.quote(value)}\n" for name, value in values.items()]
        (folder / "openid.env").write_text("".join(lines))
        print(f"Ada signs in as ada, {openid.ACCOUNT_PASSWORD!r}", flush=True)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    main()
