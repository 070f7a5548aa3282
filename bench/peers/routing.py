"""Through which connection the peers' plain tables are reached: one with Django's options, or ours."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from bench.peers.models import AuditLog, Plain

_USUAL = {"main": "peers", "audit": "peers_audit"}
_AS_OURS = {"main": "default", "audit": "audit"}


class PeersRouter:
    """Names the connection of each plain model."""

    aliases: ClassVar[Mapping[str, str]] = _USUAL

    def db_for_read(self, model: Any, **_: Any) -> str | None:
        if not issubclass(model, Plain):
            return None
        return self.aliases["audit" if model is AuditLog else "main"]

    db_for_write = db_for_read


def as_ours(call: Callable[[], object]) -> Callable[[], object]:
    """`call` with parameters bound and statements prepared by the server, as our connections do it."""

    def switched() -> object:
        PeersRouter.aliases = _AS_OURS
        try:
            return call()
        finally:
            PeersRouter.aliases = _USUAL

    return switched
