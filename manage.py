#!/usr/bin/env python
"""Command line of the service; with no database configured it uses the embedded servers."""

import os
import sys

from django.core.management import execute_from_command_line

from config.embedded import EmbeddedError, provide_environment


def main() -> None:
    """Run one management command; the embedded servers are left when it ends."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        provide_environment()
    except EmbeddedError as error:
        sys.exit(f"manage.py: {error}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
