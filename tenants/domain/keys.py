"""What an API key looks like: `qk_<shown>_<secret>`, of which people see the first two parts."""

from typing import Final

PREFIX: Final = "qk_"
LONGEST: Final = 100


def is_key(token: str) -> bool:
    """Whether a bearer token is an API key, by its form alone."""
    return token.startswith(PREFIX)
