"""Runs the audit relay in the foreground until SIGTERM or SIGINT."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from audit.workflows import relay


class Command(BaseCommand):
    """Deliver audit entries from the main to the audit database."""

    help = "Deliver audit entries until told to stop; any number of relays may run."

    def handle(self, *_args: Any, **_options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        delivered = relay.run(stop=stop)
        self.stdout.write(f"relay stopped, {delivered} entries delivered")
