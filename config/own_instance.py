"""An instance of its own: `config.run` in a directory and on a port that nobody else uses, and gone after."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.placement import place

REPOSITORY = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 180.0
GRACE_SECONDS = 40.0
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# What an instance of one's own must not inherit: it would share a database, a port or a secret.
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "PYTHONPATH", "SSL_CERT_FILE", "USER", "LOGNAME")


class InstanceFailed(Exception):
    """The instance did not start; the message ends with its last words."""


@dataclass(frozen=True)
class Instance:
    """A running installation: what its demo.json says, and what it has printed so far."""

    base_url: str
    tenants: list[dict[str, Any]]
    log: Path

    def last_words(self) -> str:
        """The end of what it printed."""
        return _tail(self.log)


@contextmanager
def own_instance() -> Iterator[Instance]:
    """A fresh instance with demo tenants, stopped and removed on the way out. Raises InstanceFailed.

    For the main thread. Should this process be killed, the instance ends with it (Linux).
    """
    with ExitStack() as leaving:
        with _signals_later():
            directory = Path(tempfile.mkdtemp(prefix="quittance-"))
            leaving.callback(_remove, directory)
            # The account that root lends to the servers must pass through, but not look around.
            directory.chmod(0o711)
            process = _start(directory)
            leaving.callback(_stop, process)
        yield _when_ready(process, directory)


@contextmanager
def _signals_later() -> Iterator[None]:
    """A signal that would unwind the stack waits: what was just made must be known to whoever removes it."""
    arrived: list[int] = []
    handlers = {
        number: signal.signal(number, lambda number, _frame: arrived.append(number)) for number in ENDING
    }
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for first in arrived[:1]:
            signal.raise_signal(first)


def _start(directory: Path) -> subprocess.Popen[bytes]:
    with _log_of(directory).open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "config.run", "--with-parent"],
            cwd=REPOSITORY,
            env=_environment(os.environ, directory),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Ctrl-C in the terminal is for the caller, who then stops the instance in order.
            start_new_session=True,
        )


def _log_of(directory: Path) -> Path:
    return directory / "log"


def _data_of(directory: Path) -> Path:
    return directory / "data"


def _environment(inherited: Mapping[str, str], directory: Path) -> dict[str, str]:
    kept = {name: inherited[name] for name in _INHERITED if name in inherited}
    own = {"DATA_DIR": str(_data_of(directory)), "TMPDIR": str(directory), "PORT": str(_free_port())}
    return {**kept, **own, "PYTHONUNBUFFERED": "1"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _when_ready(process: subprocess.Popen[bytes], directory: Path) -> Instance:
    announced, log = _data_of(directory) / "demo.json", _log_of(directory)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not announced.exists():
        if process.poll() is not None:
            raise InstanceFailed(f"the instance ended while it started:\n{_tail(log)}")
        if time.monotonic() > deadline:
            raise InstanceFailed(f"the instance was not ready after {PATIENCE_SECONDS:g} s:\n{_tail(log)}")
        time.sleep(0.1)
    facts = json.loads(announced.read_text(encoding="utf-8"))
    return Instance(facts["base_url"], facts["tenants"], log)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(GRACE_SECONDS)
        return
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _remove(directory: Path) -> None:
    """What the servers keep may stand outside of their DATA_DIR: paths of sockets have to be short."""
    data_dir = _data_of(directory)
    with suppress(OSError, ValueError, KeyError):
        credentials = json.loads((data_dir / "credentials.json").read_text(encoding="utf-8"))
        placement = place(data_dir, credentials["token"])
        for outside in (placement.sockets, placement.home):
            shutil.rmtree(outside, ignore_errors=True)
    shutil.rmtree(directory, ignore_errors=True)


def _tail(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(f"  {line}" for line in lines[-12:])
