"""A refresh token that comes twice: nobody who descends from it is let in (invariant 9).

FAULT_TRIALS=500 runs the long form; the suite runs the short one. Each trial is made from its number, so
a failure names what to run again: FAULT_FIRST=137 FAULT_TRIALS=1.
"""

import os
from random import Random
from typing import Any

import pytest

from tenants.models import Tenant
from tests.factories import ApiClient, client_of, make_member

TRIALS = int(os.environ.get("FAULT_TRIALS", "25"))
FIRST = int(os.environ.get("FAULT_FIRST", "0"))


def refresh(client: ApiClient, token: str) -> Any:
    return client.post("/api/v2/auth/refresh", {"refresh": token})


def works(access: str) -> bool:
    answer = ApiClient(HTTP_AUTHORIZATION=f"Bearer {access}").get("/api/v2/auth/me")
    return bool(answer.status_code == 200)


@pytest.mark.slow
def test_every_descendant_of_a_reused_token_is_refused(acme: Tenant) -> None:
    member = make_member(acme)
    for trial in range(FIRST, FIRST + TRIALS):
        chance = Random(trial)
        owner, thief = client_of(member), ApiClient()
        refreshes, accesses = [owner.refresh], [owner.access]
        for _ in range(chance.randint(1, 8)):
            pair = refresh(owner, refreshes[-1]).json()
            refreshes.append(pair["refresh"])
            accesses.append(pair["access"])
        stolen = chance.choice(refreshes[:-1])
        assert refresh(thief, stolen).json()["code"] == "refresh-reused", trial
        for token in refreshes:
            assert refresh(chance.choice([owner, thief]), token).status_code == 401, trial
        assert not any(works(access) for access in accesses), trial
