"""The ASGI application as `make run` serves it: its process ends with the server that started it."""

from config.asgi import application as application
from config.supervisor import follow_parent

follow_parent()
