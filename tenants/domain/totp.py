"""Codes of authenticator apps: TOTP with SHA-1, six digits and steps of 30 seconds (RFC 6238).

Apps ignore other parameters that a QR code asks for, so there are none to choose.
"""

import re
from datetime import datetime
from typing import Final

from pyotp import TOTP
from pyotp.exceptions import OTPVerificationError

STEP_SECONDS: Final = 30
DIGITS: Final = 6
# One step to either side: clocks of phones are off, and people type slowly (RFC 6238, 5.2).
WINDOW: Final = 1
_CODE: Final = re.compile(rf"[0-9]{{{DIGITS}}}")


def matching_step(*, secret: str, code: str, at: datetime) -> int | None:
    """The time step whose code this is, None if it is none of the three around `at`.

    `secret` is base32; blanks in `code` do not matter, other digits than ASCII's are none.
    """
    digits = code.replace(" ", "")
    if not _CODE.fullmatch(digits):
        return None
    try:
        return _app(secret).verify_and_get_timecode(digits, for_time=at, valid_window=WINDOW)
    except OTPVerificationError:
        return None


def code_of(*, secret: str, at: datetime) -> str:
    """What an app shows at that time."""
    return _app(secret).at(at)


def enrolment_uri(*, secret: str, account: str, issuer: str) -> str:
    """The otpauth URI that an app reads from a QR code; `account` and `issuer` are what it lists."""
    # A colon divides the two in the label.
    return _app(secret).provisioning_uri(name=account.replace(":", " "), issuer_name=issuer.replace(":", " "))


def _app(secret: str) -> TOTP:
    return TOTP(secret, digits=DIGITS, interval=STEP_SECONDS)
