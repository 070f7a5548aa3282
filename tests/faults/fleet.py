"""Real worker processes, to be killed."""

import os
import random
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from tests.databases import REPOSITORY


@dataclass
class Fleet:
    """`size` workers on the databases of this process's environment; a context manager that ends them all."""

    size: int
    options: Sequence[str] = ("--dead-after", "2")
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    kills: int = 0

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

    def kill_one(self, chance: random.Random) -> None:
        """SIGKILL a worker and start another in its place, as a supervisor does."""
        place = chance.randrange(self.size)
        self.processes[place].kill()
        self.processes[place].wait()
        self.processes[place] = self._start()
        self.kills += 1

    def _start(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "tests.faults.worker", *self.options]
        return subprocess.Popen(command, cwd=REPOSITORY, env=dict(os.environ), stdout=subprocess.DEVNULL)
