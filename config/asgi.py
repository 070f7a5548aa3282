"""ASGI entry point: pages and API on the one port of `make run`."""

import os

from django.core.asgi import get_asgi_application

from tenants.startup import ensure_safe

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_asgi_application()
ensure_safe()
