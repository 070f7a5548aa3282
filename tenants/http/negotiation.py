"""Which renderer answers a request: REST framework's choice, without the work where there is none."""

from collections.abc import Iterable

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class PlainNegotiation(DefaultContentNegotiation):
    """As REST framework negotiates; what nearly every client accepts is not taken apart for that."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The renderer and its media type. Raises NotAcceptable, Http404 for an unknown `format`."""
        offered = list(renderers)
        is_free = len(offered) == 1 and not format_suffix and "format" not in request.query_params
        if is_free and request.META.get("HTTP_ACCEPT", "*/*") in ("*/*", offered[0].media_type):
            return offered[0], offered[0].media_type
        renderer, media_type = super().select_renderer(request, offered, format_suffix)
        return renderer, media_type
