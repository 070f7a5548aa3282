"""Second factors by name, and who has to show one."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID


class Method(StrEnum):
    """A way to show that one is who one says."""

    TOTP = "totp"
    PASSKEY = "passkey"
    RECOVERY_CODE = "recovery-code"
    PASSWORD = "password"  # noqa: S105 a name, not a password


# RFC 8176 knows no recovery codes; they are one-time passwords as well.
PROOFS: Final = {
    Method.TOTP: "otp",
    Method.PASSKEY: "hwk",
    Method.RECOVERY_CODE: "otp",
    Method.PASSWORD: "pwd",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody shows: `text` is a code or a password, `credential` what a browser made of a passkey.

    `ceremony` is what a passkey answers, where no login under way stands for it.
    """

    method: Method
    text: str = ""
    credential: Any = None
    ceremony: UUID | None = None


@dataclass(frozen=True, slots=True)
class FactorStanding:
    """How a member stands: `methods` can be shown, none without a factor; the tenant may demand one."""

    methods: tuple[Method, ...]
    is_required: bool

    @property
    def has_to_show(self) -> bool:
        """A factor that is there is asked for, whether or not the tenant demands one."""
        return bool(self.methods)

    @property
    def has_to_enrol(self) -> bool:
        return self.is_required and not self.methods


def proved(before: Collection[str], method: Method) -> list[str]:
    """The proofs of a login by their names in RFC 8176, with `method` added to those `before` it."""
    return sorted({*before, PROOFS[method], "mfa"})
