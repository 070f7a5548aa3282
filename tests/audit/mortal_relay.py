"""A relay that kills itself at a named point: `python -m tests.audit.mortal_relay stored`.

The real relay runs; only its observer is deadly. Without a point it runs until SIGTERM.
"""

import os
import signal
import sys
import threading

import django


def main(point: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from audit.workflows import relay  # noqa: PLC0415 (needs Django to be set up)

    def reached(step: str) -> None:
        if step == point:
            os.kill(os.getpid(), signal.SIGKILL)

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    relay.run(stop=stop, entries=10, reached=reached)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
