#!/usr/bin/env python
"""Command line of the service; with no database configured it uses the embedded servers."""

import os
import sys

from config.embedded import provide_environment


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    provide_environment()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
