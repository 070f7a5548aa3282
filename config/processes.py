"""Facts about operating system processes that the embedded servers and the supervisor rely on.

A process id in a file proves nothing: the process may be a zombie, or the number may have been given to
somebody else since. Every question here is therefore answered by looking at the process itself.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

POLL_SECONDS = 0.02


def is_running(pid: int) -> bool:
    """True if the process exists and is not a zombie waiting for its parent."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def command_names(pid: int, text: str) -> bool:
    """True if a live process with this id carries `text` in its command line."""
    try:
        return is_running(pid) and any(text in part for part in psutil.Process(pid).cmdline())
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def working_in(directory: Path) -> Iterator[int]:
    """The ids of live processes whose working directory is `directory`, as far as we may look."""
    wanted = str(directory)
    for process in psutil.process_iter():
        try:
            if process.cwd() == wanted and is_running(process.pid):
                yield process.pid
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue


def send(pid: int, signal_number: int) -> None:
    """Send a signal; a process that is gone already is fine."""
    try:
        os.kill(pid, signal_number)
    except ProcessLookupError:
        return


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Poll `condition` until it holds (True) or `seconds` have passed (its last answer)."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return condition()
        time.sleep(POLL_SECONDS)
    return True


def wait_gone(pid: int, seconds: float) -> bool:
    """Wait until the process has ended; True if it has within `seconds`."""
    return wait_until(lambda: not is_running(pid), seconds)


def end(pid: int, steps: list[tuple[int, float]]) -> None:
    """Send each (signal, seconds to wait) in turn until the process has ended; SIGKILL comes last."""
    for signal_number, seconds in [*steps, (signal.SIGKILL, 5.0)]:
        send(pid, signal_number)
        if wait_gone(pid, seconds):
            return
