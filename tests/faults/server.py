"""config.wsgi in real processes that die: `python -m tests.faults.server SEED PERCENT`.

The parent loads the application once and binds a port, which it prints; a child serves. Of the requests
that change something PERCENT are cut down by SIGKILL: half of them after the effect was committed and
before a byte of the answer left, the others at a random moment. The parent forks the next child at once.
"""

import os
import random
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from django.urls import get_resolver

from config.supervisor import follow_parent
from config.wsgi import application

Start = Callable[..., Any]
LONGEST_REQUEST = 0.05
THREADS = 8


class Deadly:
    """The application, with the habit of dying."""

    def __init__(self, seed: str, percent: float) -> None:
        self.chance = random.Random(f"{seed}-{os.getpid()}")
        self.percent = percent

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        fate = self.chance.uniform(0, 100) if environ["REQUEST_METHOD"] == "POST" else 100.0
        if fate < self.percent / 2:
            threading.Timer(self.chance.uniform(0, LONGEST_REQUEST), die).start()
        answer = application(environ, start_response)
        if self.percent / 2 <= fate < self.percent:
            die()
        return answer


def die() -> None:
    """As suddenly as can be."""
    os.kill(os.getpid(), signal.SIGKILL)


class Handler(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Nothing: a line for each request is nobody's news."""


class Server(WSGIServer):
    """A few threads that keep their database connections, on a socket that outlives the process."""

    def __init__(self, listener: socket.socket) -> None:
        super().__init__(listener.getsockname()[:2], Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.server_name, self.server_port = "127.0.0.1", listener.getsockname()[1]
        self.setup_environ()
        self.pool = ThreadPoolExecutor(THREADS)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.pool.submit(self._process, request, client_address)

    def _process(self, request: Any, client_address: Any) -> None:
        try:
            self.finish_request(request, client_address)
        finally:
            self.shutdown_request(request)


def main() -> None:
    follow_parent()
    seed, percent = sys.argv[1], float(sys.argv[2])
    # Django loads the views with the first request: once here rather than in every child.
    get_resolver().url_patterns  # noqa: B018
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    print(listener.getsockname()[1], flush=True)
    child = 0

    def stop(*_: Any) -> None:
        if child:
            os.kill(child, signal.SIGKILL)
        os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    while True:
        child = os.fork()
        if child == 0:
            follow_parent()
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            server = Server(listener)
            server.set_app(Deadly(seed, percent))
            server.serve_forever()
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
