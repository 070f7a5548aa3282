"""The marker by which the trail finds what it must record."""

from typing import ClassVar


class Auditable:
    """Every committed change of a model that bears this marker gets exactly one audit entry.

    `audit` puts triggers on its table after each migrate. The columns in `audit_redacted` enter
    the trail as a short digest: a change is visible, the value is not.
    """

    audit_redacted: ClassVar[tuple[str, ...]] = ()
