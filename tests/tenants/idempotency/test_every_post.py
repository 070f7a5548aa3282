"""Every POST takes a key, unless its answer must not be kept."""

import re

from tenants.http.guards import routes

# Logging in and whatever else answers with tokens: a stored answer would be a stored secret.
SECRET = re.compile(r"api/v\d/auth/")


def test_every_post_is_idempotent_or_says_why_not() -> None:
    posts = [(route, view) for route, view in routes() if route.startswith("api/") and hasattr(view, "post")]
    assert len(posts) > 10
    for route, view in posts:
        is_exempt = bool(SECRET.match(route)) or bool(getattr(view, "idempotency_exempt", ""))
        assert getattr(view.post, "is_idempotent", False) != is_exempt, route
