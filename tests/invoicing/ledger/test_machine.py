"""The state machine in its short form; `make ledger` runs 2,000 histories of 50 steps."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.invoicing.ledger.machine import LedgerMachine


@pytest.mark.slow
def test_random_histories_come_to_the_figures_of_the_model() -> None:
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
