"""Trying how people would log in, before or after it is saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tenants.backends.base import Step
from tenants.errors import DomainError
from tenants.events import Event, publish
from tenants.services.login_drafts import draft


@dataclass(frozen=True, slots=True)
class Trial:
    """How far a configuration got: `failed` names the step that did not work, '' if all did."""

    backend: str
    steps: Sequence[Step]

    @property
    def failed(self) -> str:
        return next((step.name for step in self.steps if not step.ok), "")

    @property
    def ok(self) -> bool:
        return not self.failed


def try_configuration(*, changes: Mapping[str, Any]) -> Trial:
    """Connect as `changes` on the saved configuration say (none: as saved), and save nothing.

    Raises InvalidInput for a configuration that could not be saved either.
    """
    wanted = draft(changes=changes, merges=True)
    try:
        steps = wanted.backend.test(settings=wanted.settings, secrets=wanted.secrets)
    except DomainError as error:
        steps = [Step("connect", ok=False, detail=error.detail)]
    trial = Trial(wanted.backend.name, steps)
    data = {"backend": trial.backend, "ok": trial.ok, "failed": trial.failed, "saved": not changes}
    publish(Event("login-configuration.tested", "tenants.loginconfiguration", data=data))
    return trial
