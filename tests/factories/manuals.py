"""The commands of the how-to pages, run as they stand, but for what a reader fills in."""

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connections

from config.embedded import REPOSITORY

PAGES = REPOSITORY / "docs" / "how-to"
ADDRESS = "http://127.0.0.1:8000"
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is missing: apt-get install curl")
# Notes the status of every answer; a command that asks for something itself (-w) prints that instead.
_NOTING = 'curl() { command curl -w "%{stderr}%{http_code}\\n" "$@" 2>> statuses; }\n'


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Requests are not what a test prints."""


@contextmanager
def served() -> Iterator[str]:
    """The service over HTTP, in a thread of this process; yields its address."""
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


def commands_of(page: str) -> str:
    """The indented blocks of a page of `docs/how-to`, one after the other."""
    lines = (PAGES / page).read_text(encoding="utf-8").splitlines()
    return "\n".join(line[4:] for line in lines if line.startswith("    ")) + "\n"


def without(script: str, *commands: str) -> str:
    """The script without these lines, each of which is in it once: another terminal's, or no commands."""
    for command in commands:
        assert script.count(f"{command}\n") == 1, command
        script = script.replace(f"{command}\n", "")
    return script


@dataclass(frozen=True)
class Run:
    """What a script printed, and the statuses of the answers it got, in their order."""

    printed: str
    statuses: list[int]


def run(script: str, folder: Path) -> Run:
    """Run a script of bash in `folder`; a command that fails ends it."""
    # slapdtest sets LDAPNOINIT, by which ldapsearch would not read LDAPTLS_CACERT.
    environment = {name: value for name, value in os.environ.items() if name != "LDAPNOINIT"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", _NOTING + script],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=environment,
    )
    assert done.returncode == 0, f"{(folder / 'statuses').read_text()}{done.stderr}{done.stdout}"
    noted = folder / "statuses"
    statuses = [int(line) for line in noted.read_text().split()]
    noted.unlink()
    return Run(done.stdout, statuses)
