"""Whether a password of ours will do in the current tenant."""

from collections.abc import Sequence
from functools import cache

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from tenants.backends.base import WeakPassword
from tenants.domain.passwords import LONGEST_HISTORY, PasswordPolicy, faults_of
from tenants.errors import FieldError
from tenants.hashing import verify_password
from tenants.models import LoginConfiguration

POINTER = "/new_password"


def current_policy() -> PasswordPolicy:
    """What the current tenant demands of passwords, in one look-up."""
    columns = ("password_min_length", "password_history", "password_max_age_days")
    row = LoginConfiguration.objects.values_list(*columns).first()
    return PasswordPolicy() if row is None else PasswordPolicy(*row)


def ensure_strong(
    password: str, *, policy: PasswordPolicy, names: Sequence[str], old: str = "", pointer: str = POINTER
) -> None:
    """Raises WeakPassword with every fault, each under `pointer`; computes no hash."""
    common = is_common(password)
    faults = faults_of(password, names=names, old=old, shortest=policy.min_length, is_common=common)
    if faults:
        raise WeakPassword(errors=[FieldError(pointer, code, text) for code, text in faults])


def ensure_unused(password: str, *, hashes: Sequence[str], pointer: str = POINTER) -> None:
    """Raises WeakPassword if `password` is behind one of `hashes`.

    Each comparison takes a tenth of a second and passes the gate by itself, so that nobody else waits
    for all of them. Raises TooManyLogins.
    """
    for stored in hashes[: LONGEST_HISTORY + 1]:
        matches, _ = verify_password(password, stored)
        if matches:
            detail = "It was used before."
            raise WeakPassword(errors=[FieldError(pointer, "used-before", detail)])


def is_common(password: str) -> bool:
    """Whether it is on the list of 20,000 that comes with Django."""
    try:
        _validator().validate(password)
    except ValidationError:
        return True
    return False


@cache
def _validator() -> CommonPasswordValidator:
    return CommonPasswordValidator()
