"""A clock that stands still, and people with second factors."""

from collections.abc import Iterator

import pytest
import time_machine
from django.test.utils import override_settings
from django.utils import timezone

from tenants.models import Membership, Tenant
from tests.factories import PASSWORD, make_member
from tests.factories.factors import App, give_app
from tests.factories.passkeys import ORIGIN


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """`clock.shift(30)`: half a minute later. It stands still in the middle of the next step."""
    now = timezone.now().timestamp()
    with time_machine.travel(now - now % 30 + 45, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def ada(acme: Tenant) -> Membership:
    """Somebody with a password and no second factor."""
    return make_member(acme, role="editor", password=PASSWORD)


@pytest.fixture
def phone(clock: time_machine.Traveller, ada: Membership) -> App:
    """Ada's authenticator app; she has one from here on."""
    del clock
    return give_app(ada)


@pytest.fixture
def named_host() -> Iterator[None]:
    """An installation that is reached by a name, which passkeys need."""
    with override_settings(PUBLIC_BASE_URL=ORIGIN):
        yield
