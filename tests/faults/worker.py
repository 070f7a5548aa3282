"""A worker that also knows the tests' handlers: `python -m tests.faults.worker [options of worker]`."""

import os
import sys

import django
from django.core.management import call_command

from config.supervisor import follow_parent


def main() -> None:
    follow_parent()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    __import__("tests.faults.handlers")
    call_command("worker", *sys.argv[1:])


if __name__ == "__main__":
    main()
