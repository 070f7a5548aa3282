"""The product served by one granian worker, as in production, for one client with a kept-alive connection."""

import http.client
from collections.abc import Iterator
from contextlib import contextmanager

from tests.factories.granian import granian


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
    """A worker on a free port until the block ends."""
    with granian("--workers", "1", LOG_LEVEL="ERROR") as port:
        server = Server(port, token)
        yield server
        server.connection.close()
