"""Make the demo companies unless they are there, and tell how to log in."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from invoicing.workflows import demo


class Command(BaseCommand):
    """Safe to repeat; refused with DEBUG off."""

    help = "Make two demo companies with people, a catalogue and documents."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print tenants and logins as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = demo.seed()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(made))
            return
        for tenant in made["tenants"]:
            for user in tenant["users"]:
                self.stdout.write(
                    f"{tenant['slug']}: {user['username']} / {user['password']} ({user['role']})"
                )
