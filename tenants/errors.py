"""What can go wrong, said without HTTP.

Every refusal of the product is a `DomainError` with a `Kind` and a `code`. The class stands beside
the function that raises it; its docstring is the message. `tenants.http.problems` alone knows which
status a kind becomes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from inspect import cleandoc
from typing import ClassVar


class Kind(Enum):
    """The family a refusal belongs to; each becomes one HTTP status."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not-found"
    CONFLICT = "conflict"
    PRECONDITION_FAILED = "precondition-failed"
    PRECONDITION_REQUIRED = "precondition-required"
    UNPROCESSABLE = "unprocessable"
    TOO_LARGE = "too-large"
    UNSUPPORTED = "unsupported"
    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault at one place of the input.

    `pointer` is a JSON Pointer (RFC 6901) into the body: "" is the whole of it, "/lines/0/quantity"
    a member. For a query parameter or a header it is "?name" or "header:Name".
    """

    pointer: str
    code: str
    detail: str


class DomainError(Exception):
    """The request cannot be carried out."""

    kind: ClassVar[Kind] = Kind.INVALID
    # What was proved so far was right and more is asked for: not a wrong guess.
    is_progress: ClassVar[bool] = False
    # A secret was compared and found wrong, although the answer says something else.
    is_guess: ClassVar[bool] = False
    code: ClassVar[str] = "refused"
    message: ClassVar[str] = "The request cannot be carried out."

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        # cls.__dict__, because __doc__ must not be inherited: a class without one keeps its parent's message.
        documented = cls.__dict__.get("__doc__")
        if documented:
            cls.message = " ".join(cleandoc(documented).split("\n\n", 1)[0].split())

    def __init__(
        self,
        detail: str | None = None,
        *,
        pointer: str = "",
        errors: Sequence[FieldError] = (),
        retry_after: int | None = None,
        **extra: object,
    ) -> None:
        """`detail` replaces the message for this occurrence and must be fit for any caller's eyes.

        `pointer` names the one member at fault; `errors` lists several and wins over it.
        `retry_after` is in seconds. `extra` becomes further members of the answer: JSON values only.
        """
        self.detail = detail or self.message
        self.pointer = pointer
        self.errors: tuple[FieldError, ...] = tuple(errors)
        if pointer and not self.errors:
            self.errors = (FieldError(pointer, self.code, self.detail),)
        self.retry_after = retry_after
        self.extra = extra
        super().__init__(self.detail)


class InvalidInput(DomainError):
    """The input has faults; each is listed with the place it stands at."""

    kind, code = Kind.INVALID, "invalid-input"

    def __init__(self, errors: Sequence[FieldError], detail: str | None = None) -> None:
        super().__init__(detail, errors=errors)


class NotFound(DomainError):
    """There is nothing here under this name."""

    kind, code = Kind.NOT_FOUND, "not-found"
