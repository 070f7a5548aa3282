"""Cheap hashes, because no test here is about their cost, and the clock of verified tokens."""

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.hashers import make_password
from django.test.utils import override_settings
from django.utils import timezone

from tenants import hashing
from tenants.models import Membership, Tenant, User
from tests.factories import PASSWORD, make_member, scope_of
from tests.tenants.identity.conftest import hasty_cache

__all__ = ["hasty_cache"]

Known = Callable[..., Membership]


@pytest.fixture(autouse=True)
def cheap_hashes() -> Iterator[None]:
    hashing._nobody.cache_clear()
    with override_settings(PASSWORD_HASHERS=["tests.factories.hashers.CountingArgon2"]):
        yield
    hashing._nobody.cache_clear()


@pytest.fixture
def known() -> Known:
    """`known(acme)`: a new member of acme who logs in by PASSWORD; further arguments as for make_member."""

    def make(tenant: Tenant, **stated: str) -> Membership:
        member = make_member(tenant, **stated)  # type: ignore[arg-type]
        with scope_of(tenant):
            User.objects.filter(id=member.user_id).update(
                password=make_password(PASSWORD), password_changed_at=timezone.now()
            )
        return member

    return make
