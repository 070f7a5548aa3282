"""WSGI entry point: HTTP in production."""

import os

from django.core.wsgi import get_wsgi_application

from tenants.startup import ensure_safe

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
ensure_safe()
