"""The supervisor: what dies comes back, what is asked to stop stops, what is orphaned ends."""

import os
import signal
import subprocess
import sys

import pytest

from config import processes
from config.embedded import REPOSITORY
from config.supervisor import Program, Stopped, Supervisor

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]
SUPERVISES_A_SLEEPER = """
import sys
from config.supervisor import Program, Supervisor
program = Program("sleeper", [sys.executable, "-c", "import time; time.sleep(600)"])
supervisor = Supervisor([program])
supervisor.listen()
told = []
supervisor.run(lambda: told or told.append(print(program.process.pid, flush=True)))
supervisor.stop()
"""


def supervising() -> tuple[subprocess.Popen[str], int]:
    """A supervisor in a process of its own, and the id of the program it runs."""
    process = subprocess.Popen(
        [sys.executable, "-c", SUPERVISES_A_SLEEPER], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
    )
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def test_a_program_that_dies_is_started_again_after_its_pause(capfd: pytest.CaptureFixture[str]) -> None:
    program = Program("sleeper", SLEEPER, pause=0.01)
    supervisor = Supervisor([program])
    program.start()
    assert program.process is not None
    first = program.process.pid
    os.kill(first, signal.SIGKILL)

    def is_another() -> bool:
        program.watch()
        return program.process is not None and program.process.pid != first

    assert processes.wait_until(is_another, 10)
    supervisor.stop()
    assert "sleeper ended (SIGKILL)" in capfd.readouterr().out


def test_a_program_that_keeps_dying_is_started_ever_less_often() -> None:
    program = Program("broken", [sys.executable, "-c", "raise SystemExit(3)"], pause=0.01)
    program.start()

    def has_died_thrice() -> bool:
        program.watch()
        return program.pause >= 0.08

    assert processes.wait_until(has_died_thrice, 20)
    Supervisor([program]).stop()


def test_sigterm_stops_programs_in_order_and_at_once() -> None:
    process, sleeper = supervising()
    process.terminate()
    assert process.wait(10) == 0
    assert not processes.is_running(sleeper)
    assert process.stdout is not None
    process.stdout.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's death")
def test_a_killed_supervisor_takes_its_programs_along() -> None:
    process, sleeper = supervising()
    process.kill()
    process.wait()
    assert processes.wait_gone(sleeper, 10)
    assert process.stdout is not None
    process.stdout.close()


def test_a_command_that_is_run_to_its_end_gives_its_output() -> None:
    supervisor = Supervisor([])
    assert supervisor.finish([sys.executable, "-c", "print('done')"]) == "done\n"
    with pytest.raises(subprocess.CalledProcessError):
        supervisor.finish([sys.executable, "-c", "raise SystemExit(1)"])


def test_a_stop_interrupts_a_command() -> None:
    supervisor = Supervisor([])
    supervisor.ask()
    with pytest.raises(Stopped):
        supervisor.finish(SLEEPER)
