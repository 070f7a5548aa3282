"""`manage.py worker`: dispatches and runs jobs. Any number may run; start them again when they end."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tenants.management.dispatching import Pace
from tenants.management.working import WorkerLost, WorkerProcess
from tenants.startup import ensure_safe


class Command(BaseCommand):
    """Ends with 0 when it was asked to, with 1 when it lost its database."""

    help = "Dispatch jobs fairly by tenant and run them."

    def add_arguments(self, parser: CommandParser) -> None:
        pace = Pace()
        parser.add_argument("--concurrency", type=int, default=8, help="jobs at a time (threads)")
        parser.add_argument(
            "--in-hand", type=int, default=pace.in_hand, help="jobs claimed ahead, all tenants"
        )
        parser.add_argument(
            "--per-tenant", type=int, default=pace.per_tenant, help="of these, one tenant's most"
        )
        parser.add_argument(
            "--dead-after", type=float, default=pace.dead_after, help="seconds without a heartbeat"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        pace = Pace(
            in_hand=options["in_hand"], per_tenant=options["per_tenant"], dead_after=options["dead_after"]
        )
        ensure_safe(("default", "platform"))
        try:
            WorkerProcess(options["concurrency"], pace).run()
        except WorkerLost as error:
            raise CommandError("The worker lost its database and ends.") from error
