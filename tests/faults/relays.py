"""Real relay processes, each with a death of its own."""

import random
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from tests.databases import REPOSITORY

POINTS = ("claimed", "stored", "removed", "committed")


@dataclass
class Relays:
    """`size` relays; each dies at a named point of some batch and is replaced, as a supervisor would."""

    size: int
    chance: random.Random
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    deaths: int = 0

    def __enter__(self) -> Self:
        self.processes = [self._start() for _ in range(self.size)]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
            process.wait()

    def kill_one(self) -> None:
        """SIGKILL one wherever it is; `replace_the_dead` brings its successor."""
        process = self.chance.choice(self.processes)
        process.kill()
        process.wait()

    def replace_the_dead(self, *, mortal: bool = True) -> None:
        """Start a relay in the place of each that has ended; not `mortal`: one that lives."""
        for place, process in enumerate(self.processes):
            if process.poll() is not None:
                self.deaths += 1
                self.processes[place] = self._start(mortal=mortal)

    def _start(self, *, mortal: bool = True) -> "subprocess.Popen[bytes]":
        fate = [self.chance.choice(POINTS), str(self.chance.randint(1, 12)), "100"] if mortal else []
        command = [sys.executable, "-m", "tests.audit.mortal_relay", *fate]
        return subprocess.Popen(command, cwd=REPOSITORY, stderr=subprocess.DEVNULL)
