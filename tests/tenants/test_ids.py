"""Identifiers: ordered inside, canonical outside."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from tenants import ids
from tenants.errors import Kind


def test_ids_are_version_7_and_carry_the_time() -> None:
    # A clock of its own: that of the process never goes back from where another test has travelled.
    made = UUID(int=ids._Clock().next())
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert abs((made.int >> 80) / 1000 - time.time()) < 60


def test_ids_of_one_process_only_grow() -> None:
    made = [ids.uuid7() for _ in range(50_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_threads_never_share_an_id_and_each_sees_its_own_grow() -> None:
    start = threading.Barrier(8)

    def make(_: int) -> list[UUID]:
        start.wait()
        return [ids.uuid7() for _ in range(5_000)]

    with ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(make, range(8)))
    assert all(run == sorted(run) for run in runs)
    assert len({one for run in runs for one in run}) == 40_000


def test_a_clock_set_back_does_not_turn_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    before = ids.uuid7()
    monkeypatch.setattr(time, "time_ns", lambda: 1_000_000_000)
    assert ids.uuid7() > before


def test_a_counter_that_runs_over_takes_the_next_millisecond(monkeypatch: pytest.MonkeyPatch) -> None:
    before = ids.uuid7()
    monkeypatch.setattr(ids._clock, "counter", (1 << 42) - 1)
    monkeypatch.setattr(time, "time_ns", lambda: 1_000_000_000)
    assert ids.uuid7() > before


def test_a_public_id_goes_there_and_back() -> None:
    for value in (UUID(int=0), UUID(int=(1 << 128) - 1), *(ids.uuid7() for _ in range(1_000))):
        text = ids.encode("inv", value)
        assert len(text) == 30
        assert ids.decode("inv", text) == value


GOOD = ids.encode("inv", UUID("0192f0a0-1111-7222-8333-444455556666"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "inv_",
        GOOD[4:],
        GOOD.upper(),
        GOOD[:4] + GOOD[4:].upper(),
        "cus" + GOOD[3:],
        GOOD + "0",
        GOOD[:-1],
        GOOD + "\n",
        " " + GOOD,
        GOOD[:-1] + "i",
        GOOD[:-1] + "l",
        GOOD[:-1] + "o",
        GOOD[:-1] + "u",
        "inv_8" + GOOD[5:],
        GOOD[:-1] + "٥",
        GOOD.replace("_", "-"),
        str(UUID(int=5)),
        "inv_" + "0" * 5000,
    ],
)
def test_only_the_canonical_form_is_read(text: str) -> None:
    with pytest.raises(ids.InvalidId) as refusal:
        ids.decode("inv", text)
    assert refusal.value.kind is Kind.NOT_FOUND
    assert refusal.value.code == "not-found"


@pytest.mark.parametrize("prefix", ["", "i", "INV", "in_v", "invoices1", "i1"])
def test_a_prefix_is_a_few_lower_case_letters(prefix: str) -> None:
    with pytest.raises(ValueError, match="prefix"):
        ids.PublicId(prefix)


def test_a_kept_prefix_works_like_the_functions() -> None:
    value = ids.uuid7()
    assert ids.PublicId("inv").decode(ids.PublicId("inv").encode(value)) == value
