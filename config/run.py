"""`make run`: everything on one machine, with demo tenants, until Ctrl-C.

Embedded servers (unless DATABASE_URL names others), migrations, demo data (only with DEBUG on), then web,
worker and audit relay under the supervisor. Once it answers it writes DATA_DIR/demo.json.
"""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from config import embedded
from config.embedded import EmbeddedError, Servers, provide_environment
from config.env import environment
from config.supervisor import Program, Stopped, Supervisor, follow_parent, say

HOST = "127.0.0.1"
REPOSITORY = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 60.0
POOL_SIZE = "10"


def main() -> None:
    """Serve until asked to stop; exit 1 with one sentence where that is not possible."""
    if "--with-parent" in sys.argv[1:]:
        follow_parent()
    os.chdir(REPOSITORY)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    supervisor = Supervisor(_programs())
    supervisor.listen()
    try:
        _ensure_free(environment.port)
        servers = provide_environment()
        try:
            _serve(supervisor, servers)
        finally:
            supervisor.stop()
            if servers is not None:
                embedded.stop(servers)
    except Stopped:
        pass
    except (EmbeddedError, ImproperlyConfigured, _Refusal) as error:
        sys.exit(f"quittance: {error}")
    except subprocess.CalledProcessError as error:
        sys.exit(f"quittance: {' '.join(error.cmd[1:])} failed; its last words are above.")
    say("stopped.")


class _Refusal(Exception):
    """What is missing on this machine, in one sentence."""


def _programs() -> list[Program]:
    manage = [sys.executable, "manage.py"]
    web = [sys.executable, "-m", "granian", "--interface", "asginl", "--host", HOST]
    web += ["--port", str(environment.port), "--log-level", "warning", "--workers-kill-timeout", "5"]
    return [
        Program("web", [*web, "config.served:application"], {"DATABASE_POOL_SIZE": POOL_SIZE}),
        Program("worker", [*manage, "worker"]),
        Program("relay", [*manage, "relay"]),
    ]


def _serve(supervisor: Supervisor, servers: Servers | None) -> None:
    manage = [sys.executable, "manage.py"]
    supervisor.finish([*manage, "migrate_all", "--verbosity", "0"])
    demo = None
    if environment.debug:
        demo = json.loads(supervisor.finish([*manage, "seed_demo", "--json"]))
    announcement = _Announcement(demo)
    announcement.path.unlink(missing_ok=True)

    def on_tick() -> None:
        announcement.when_ready()
        if servers is not None:
            _revive(servers)

    supervisor.run(on_tick)


def _revive(servers: Servers) -> None:
    """Start an embedded server that died."""
    try:
        for name in embedded.revive(servers):
            say(f"{name} had died and was started again")
    except EmbeddedError as error:
        say(f"{error}; trying again")


@dataclass
class _Announcement:
    """Says once that the service answers, and where."""

    demo: dict[str, Any] | None
    is_done: bool = False
    has_complained: bool = False
    since: float = 0.0

    @property
    def path(self) -> Path:
        """What scripts read: base_url, tenants and their users."""
        return environment.data_dir / "demo.json"

    def when_ready(self) -> None:
        """Ask for readiness until it is there."""
        if self.is_done:
            return
        self.since = self.since or time.monotonic()
        status = _readiness(environment.port)
        if status == 200:
            self.is_done = True
            self._announce()
        elif time.monotonic() - self.since > PATIENCE_SECONDS and not self.has_complained:
            self.has_complained = True
            answer = status or "no answer"
            say(f"not ready after {PATIENCE_SECONDS:g} s (/health/ready: {answer}); still trying")

    def _announce(self) -> None:
        base_url = f"http://{HOST}:{environment.port}"
        say(f"ready at {base_url} (Ctrl-C stops it)")
        if self.demo is None:
            return
        unfinished = self.path.with_suffix(".new")
        unfinished.write_text(json.dumps({"base_url": base_url, **self.demo}, indent=2), encoding="utf-8")
        unfinished.rename(self.path)
        for tenant in self.demo["tenants"]:
            print(f"\n  {tenant['name']} (tenant {tenant['slug']})")
            for user in tenant["users"]:
                print(f"    {user['role']:<8} {user['username']:<16} {user['password']}")
        print(f"\n  also in {self.path}", flush=True)


def _readiness(port: int) -> int | None:
    """The status of /health/ready, None without an answer."""
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _ensure_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise _Refusal(f"port {port} is taken or not allowed: choose another one with PORT=…") from error


if __name__ == "__main__":
    main()
