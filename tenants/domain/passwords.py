"""What makes a password good enough, and how long it is (NIST SP 800-63B: length, not symbols)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

SHORTEST: Final = 12
LONGEST: Final = 256
# Hashes of former passwords that are kept: as many as the strictest tenant may ask for.
LONGEST_HISTORY: Final = 24


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """What a tenant demands. `history` former passwords are refused beside the present one."""

    min_length: int = SHORTEST
    history: int = 0
    max_age_days: int | None = None

    def expiry_of(self, *, set_at: datetime) -> datetime | None:
        """When a password that was set then has to be changed; None for never."""
        return None if self.max_age_days is None else set_at + timedelta(days=self.max_age_days)

    def described(self) -> dict[str, int]:
        """For programs to show; what is not demanded is left out."""
        limits = {"min_length": self.min_length, "max_length": LONGEST}
        if self.history:
            limits["history"] = self.history
        if self.max_age_days is not None:
            limits["max_age_days"] = self.max_age_days
        return limits


def faults_of(
    password: str, *, names: Sequence[str], old: str, shortest: int = SHORTEST, is_common: bool = False
) -> list[tuple[str, str]]:
    """What is wrong with a new password, as (code, text); nothing if it will do.

    `names` are words that an attacker would try first; `is_common` says that it is on a list of those
    that everybody tries. `old` is "" where it is not at hand.
    """
    faults = []
    if len(password) < shortest:
        faults.append(("too-short", f"At least {shortest} characters."))
    if len(password) > LONGEST:
        faults.append(("too-long", f"At most {LONGEST} characters."))
    if len(set(password)) < 5:
        faults.append(("too-uniform", "At least five different characters."))
    if is_common:
        faults.append(("too-common", "It is one of the passwords that are tried first everywhere."))
    if any(len(name) > 3 and name.casefold() in password.casefold() for name in names):
        faults.append(("contains-name", "It must not contain the name or the e-mail address."))
    if password == old:
        faults.append(("unchanged", "It must differ from the old one."))
    return faults
