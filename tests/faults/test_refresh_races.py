"""Sixteen callers at one refresh token (invariant 9).

FAULT_ROUNDS=1000 runs the long form; the suite runs the short one.
"""

import os
from collections.abc import Sequence
from typing import Any

import pytest

from tenants.models import RefreshToken, Session, Tenant
from tenants.services.pairs import digest_of
from tests.factories import ApiClient, an_address, client_of, make_member, scope_of
from tests.factories.threads import Crew

ROUNDS = int(os.environ.get("FAULT_ROUNDS", "50"))
CALLERS = 16


def all_refresh(crew: Crew, callers: Sequence[ApiClient], token: str) -> list[Any]:
    return crew.all_do(lambda number: refresh(callers[number], token))


def refresh(client: ApiClient, token: str) -> Any:
    return client.post("/api/v2/auth/refresh", {"refresh": token})


@pytest.mark.slow
def test_of_sixteen_equal_callers_each_gets_the_one_successor(acme: Tenant) -> None:
    address = an_address()
    token = client_of(make_member(acme), REMOTE_ADDR=address).refresh
    callers = [ApiClient(REMOTE_ADDR=address) for _ in range(CALLERS)]
    with Crew(CALLERS) as crew:
        for _ in range(ROUNDS):
            spent = token
            answers = all_refresh(crew, callers, spent)
            assert {answer.status_code for answer in answers} == {200}
            (token,) = {answer.json()["refresh"] for answer in answers}
            with scope_of(acme):
                parent = RefreshToken.objects.get(digest=digest_of(spent))
                assert RefreshToken.objects.filter(parent=parent).count() == 1
    with scope_of(acme):
        assert RefreshToken.objects.count() == ROUNDS + 1
        assert RefreshToken.objects.filter(used_at=None).count() == 1


@pytest.mark.slow
def test_of_sixteen_strangers_one_at_most_wins_and_the_family_is_dead(acme: Tenant) -> None:
    member = make_member(acme)
    with Crew(CALLERS) as crew:
        for _ in range(max(1, ROUNDS // 2)):
            client = client_of(member)
            callers = [ApiClient() for _ in range(CALLERS)]
            answers = all_refresh(crew, callers, client.refresh)
            won = [answer.json()["refresh"] for answer in answers if answer.status_code == 200]
            assert len(won) <= 1
            assert {answer.status_code for answer in answers} <= {200, 401}
            with scope_of(acme):
                assert Session.objects.get(revoked_because="refresh-reused", id=session_of(client)).revoked_at
            for token in [client.refresh, *won]:
                assert refresh(callers[0], token).status_code == 401


def session_of(client: ApiClient) -> Any:
    return RefreshToken.objects.get(digest=digest_of(client.refresh)).session_id
