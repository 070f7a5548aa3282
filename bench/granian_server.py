"""The product served by one granian worker, as in production, for one client with a kept-alive connection."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.harness import WrongResult
from bench.relay import REPOSITORY

START_SECONDS = 30.0


class Server:
    """Sends requests with an access token over one connection."""

    def __init__(self, port: int, token: str) -> None:
        self.port = port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def get(self, path: str) -> int:
        """The status; the body of the answer is read and dropped."""
        return self._send("GET", path)

    def post(self, path: str, body: bytes) -> int:
        """The status; the body of the answer is read and dropped."""
        return self._send("POST", path, body)

    def _send(self, method: str, path: str, body: bytes | None = None) -> int:
        self.connection.request(method, path, body, self.headers)
        answer = self.connection.getresponse()
        answer.read()
        return answer.status


@contextmanager
def serving(token: str) -> Iterator[Server]:
    """A worker on a free port until the block ends. Raises WrongResult if it does not come up."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--workers", "1", "--log-level", "error", "config.wsgi:application"]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "ERROR"}
    worker = subprocess.Popen(command, cwd=REPOSITORY, env=environment)
    try:
        _wait_for(port)
        server = Server(port, token)
        yield server
        server.connection.close()
    finally:
        worker.terminate()
        worker.wait(timeout=30)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise WrongResult("granian does not come up") from None
            time.sleep(0.05)
        else:
            return
