"""The ASGI application as `make run` serves it: its process ends with the server that started it."""

import warnings

from config.asgi import application as application
from config.supervisor import follow_parent

follow_parent()
# Static files are read at once under ASGI: small ones, on one machine. Production serves HTTP by WSGI.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
