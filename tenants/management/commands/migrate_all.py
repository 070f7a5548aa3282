"""Bring both databases to the current schema, as their owner."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Migrates the main database, then the trail's; safe to repeat."""

    help = "Migrate the main and the audit database with the owner role."

    def handle(self, *args: Any, **options: Any) -> None:
        for alias in ("owner", "audit_owner"):
            call_command("migrate", database=alias, interactive=False, verbosity=options["verbosity"])
