"""A relay that kills itself at a named point: `python -m tests.audit.mortal_relay stored 3`.

The real relay runs; only its observer is deadly: here it dies when `stored` is reached for the third
time. Without a point it runs until SIGTERM.
"""

import os
import signal
import sys
import threading

import django


def main(point: str = "", countdown: str = "1", entries: str = "10") -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from audit.workflows import relay  # noqa: PLC0415 (needs Django to be set up)

    left = int(countdown)

    def reached(step: str) -> None:
        nonlocal left
        left -= step == point
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    relay.run(stop=stop, entries=int(entries), reached=reached)


if __name__ == "__main__":
    main(*sys.argv[1:])
