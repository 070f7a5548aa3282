"""The clock of verified tokens that tests can move, as for logins."""

from tests.tenants.identity.conftest import hasty_cache

__all__ = ["hasty_cache"]
