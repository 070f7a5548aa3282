"""Runs programs side by side, starts again what dies, and stops all of it in order.

Each program is a session of its own, so that a Ctrl-C in the terminal reaches the supervisor alone; should
the supervisor be killed, the kernel tells the programs (Linux).
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

PR_SET_PDEATHSIG = 1
GRACE_SECONDS = 8.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
# A program that lived this long had started well: its next failure is a new one.
STEADY_SECONDS = 30.0

_libc = ctypes.CDLL(None, use_errno=True)


def follow_parent() -> None:
    """Ask the kernel to send SIGTERM to this process when its parent ends, however that happens."""
    if sys.platform == "linux":
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Stopped(Exception):
    """Somebody asked the supervisor to stop."""


@dataclass
class Program:
    """A command that should always run; `variables` are added to its environment."""

    name: str
    command: Sequence[str]
    variables: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    next_start: float = 0.0

    def start(self) -> None:
        """Start it now."""
        self.process = _spawn(self.command, variables=self.variables)
        self.started = time.monotonic()

    def watch(self) -> None:
        """Notice its death, and start it again once its pause is over."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            # What it started itself (a server's workers) must not stand in the way of its successor.
            _kill_session(self.process)
            if now - self.started > STEADY_SECONDS:
                self.pause = FIRST_PAUSE
            say(f"{self.name} ended ({_how(self.process.returncode)}); again in {self.pause:g} s")
            self.process, self.next_start = None, now + self.pause
            self.pause = min(self.pause * 2, LONGEST_PAUSE)
        if self.process is None and now >= self.next_start:
            self.start()


@dataclass
class Supervisor:
    """Programs in the order in which they are started; they are stopped in that order, too.

    The web server comes first, so that nothing new arrives while the others finish.
    """

    programs: Sequence[Program]
    _asked: threading.Event = field(default_factory=threading.Event)

    def listen(self) -> None:
        """From now on SIGINT, SIGTERM and SIGHUP ask for an orderly stop."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda _number, _frame: self.ask())

    def finish(self, command: Sequence[str]) -> str:
        """Run a command to its end and return its output.

        Raises Stopped when a stop is asked for meanwhile, CalledProcessError when the command fails.
        """
        with _spawn(command, stdout=subprocess.PIPE) as process:
            output = self._output_of(process)
        if process.returncode != 0:
            raise subprocess.CalledProcessError(process.returncode, list(command))
        return output.decode()

    def _output_of(self, process: subprocess.Popen[bytes]) -> bytes:
        while True:
            try:
                return process.communicate(timeout=0.1)[0]
            except subprocess.TimeoutExpired:
                if self._asked.is_set():
                    _end(process)
                    raise Stopped from None

    def run(self, on_tick: Callable[[], None]) -> None:
        """Keep the programs running until a stop is asked for; `on_tick` is called five times a second."""
        for program in self.programs:
            program.start()
        while not self._asked.wait(0.2):
            for program in self.programs:
                program.watch()
            on_tick()

    def stop(self) -> None:
        """End all programs, each with a grace of its own before it is killed."""
        for program in self.programs:
            if program.process is not None:
                _end(program.process)
                program.process = None

    def ask(self) -> None:
        """Ask for an orderly stop; safe in a signal handler."""
        self._asked.set()


def say(sentence: str) -> None:
    """Print a line of the supervisor's own."""
    print(f"quittance: {sentence}", flush=True)


def _spawn(
    command: Sequence[str], *, stdout: int | None = None, variables: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    # Between fork and exec only prctl is called, from a library that is loaded already.
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        env={**os.environ, **(variables or {})},
        start_new_session=True,
        preexec_fn=follow_parent,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(GRACE_SECONDS)
    _kill_session(process)
    process.wait()


def _kill_session(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _how(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit {code}"
