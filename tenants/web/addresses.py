"""Where a visitor is sent: never out of this installation."""

from django.utils.http import url_has_allowed_host_and_scheme


def path_within(target: str | None) -> str:
    """`target` if it is a path on this installation, else "": what a link brought along is not believed."""
    if not target or not target.startswith("/") or not target.isprintable():
        return ""
    # No host is allowed, which leaves paths; this also knows //host, /\host and their like.
    return target if url_has_allowed_host_and_scheme(target, allowed_hosts=None) else ""
