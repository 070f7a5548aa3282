"""A private Redis: the wheel's program on a private socket, without persistence (Redis is disposable)."""

import signal
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config import processes
from config.placement import EmbeddedError, Placement

CONFIGURATION = """\
port 0
unixsocket {socket}
unixsocketperm 700
requirepass {password}
save ""
appendonly no
daemonize yes
databases 64
maxmemory 256mb
maxmemory-policy allkeys-lru
dir {directory}
pidfile {pidfile}
logfile {logfile}
"""


@dataclass(frozen=True)
class RedisServer:
    """The Redis of one placement; `password` is asked of everybody who connects."""

    placement: Placement
    password: str

    @property
    def socket(self) -> Path:
        """The private socket; it also tells our process from others in its title."""
        return self.placement.sockets / "redis.sock"

    @property
    def url(self) -> str:
        """A redis-py URL through the private socket, database 0."""
        return f"unix://:{self.password}@{quote(str(self.socket))}?db=0"

    def pid(self) -> int | None:
        """The process id of our running server, None if it is not running."""
        try:
            pid = int(self._pidfile.read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            return None
        return pid if processes.command_names(pid, str(self.socket)) else None

    def answers(self) -> bool:
        """True if a server behind the socket knows our password."""
        client = redis.Redis(
            unix_socket_path=str(self.socket),
            password=self.password,
            retry=Retry(NoBackoff(), 0),
            socket_timeout=2,
            socket_connect_timeout=2,
        )
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()

    def start(self) -> None:
        """Start the server unless it answers already; raises EmbeddedError if it does not come up."""
        if self.answers():
            return
        self.stop()
        settings = {
            "socket": self.socket,
            "directory": self.placement.home,
            "pidfile": self._pidfile,
            "logfile": self.placement.home / "redis.log",
        }
        quoted = {
            name: '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'
            for name, path in settings.items()
        }
        # Through standard input, so that the password is neither in a file nor in the process list.
        self.placement.run(
            [self.placement.redis_server, "-"], stdin=CONFIGURATION.format(password=self.password, **quoted)
        )
        if not processes.wait_until(self.answers, 10):
            raise EmbeddedError(f"Redis did not start: see {settings['logfile']}")

    def stop(self) -> None:
        """Stop the server if it runs and remove what a killed one leaves."""
        pid = self.pid()
        if pid is not None:
            processes.end(pid, [(signal.SIGTERM, 3.0)])
        for path in (self._pidfile, self.socket):
            path.unlink(missing_ok=True)

    def kill(self) -> None:
        """Kill the server as a power cut would (SIGKILL)."""
        pid = self.pid()
        if pid is not None:
            processes.end(pid, [])

    @property
    def _pidfile(self) -> Path:
        return self.placement.home / "redis.pid"
