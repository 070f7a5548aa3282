"""What makes a password good enough (NIST SP 800-63B: length, not symbols)."""

from collections.abc import Sequence
from typing import Final

SHORTEST: Final = 12
LONGEST: Final = 256


def faults_of(password: str, *, names: Sequence[str], old: str) -> list[tuple[str, str]]:
    """What is wrong with a new password, as (code, text); nothing if it will do.

    `names` are words that an attacker would try first.
    """
    faults = []
    if len(password) < SHORTEST:
        faults.append(("too-short", f"At least {SHORTEST} characters."))
    if len(password) > LONGEST:
        faults.append(("too-long", f"At most {LONGEST} characters."))
    if len(set(password)) < 5:
        faults.append(("too-uniform", "At least five different characters."))
    if any(len(name) > 3 and name.casefold() in password.casefold() for name in names):
        faults.append(("contains-name", "It must not contain the name or the e-mail address."))
    if password == old:
        faults.append(("unchanged", "It must differ from the old one."))
    return faults
