"""The service in a process of its own, on the databases of this one."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from config.embedded import REPOSITORY
from config.supervisor import follow_parent

_PATIENCE_SECONDS = 60.0


@contextmanager
def granian(*options: str, host: str = "127.0.0.1", **variables: str) -> Iterator[int]:
    """granian with WSGI, as in production, with further `options`, until the block ends; yields its port.

    It knows itself by `host`; `variables` are added to its environment. Raises OSError or HTTPException
    if it does not come up.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--log-level", "warning", "--workers-kill-timeout", "5", *options]
    command.append("config.wsgi:application")
    known = {"DJANGO_SETTINGS_MODULE": "config.settings", "PUBLIC_BASE_URL": f"http://{host}:{port}"}
    with subprocess.Popen(
        command, cwd=REPOSITORY, env={**os.environ, **known, **variables}, preexec_fn=follow_parent
    ) as server:
        try:
            _wait_until_it_answers(port)
            yield port
        finally:
            server.terminate()


def _wait_until_it_answers(port: int) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/health/live")
            if connection.getresponse().status == 200:
                return
        except (OSError, http.client.HTTPException):
            if time.monotonic() > deadline:
                raise
        finally:
            connection.close()
        time.sleep(0.05)
