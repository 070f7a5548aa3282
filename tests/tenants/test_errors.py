"""Errors carry their own words."""

from tenants.errors import DomainError, FieldError, InvalidInput, Kind, NotFound


class DraftGone(DomainError):
    """The draft was there a moment ago,
    and is gone.

    This paragraph is for the reader of the code.
    """

    kind, code = Kind.CONFLICT, "draft-gone"


class DraftGoneForGood(DraftGone):
    code = "draft-gone-for-good"


def test_the_docstring_is_the_message() -> None:
    assert str(DraftGone()) == "The draft was there a moment ago, and is gone."
    assert DraftGoneForGood().detail == DraftGone.message


def test_an_occurrence_may_say_more() -> None:
    error = DraftGone("Somebody deleted it.", pointer="/id", retry_after=3, revision=7)
    assert (error.detail, error.retry_after, error.extra) == ("Somebody deleted it.", 3, {"revision": 7})
    assert error.errors == (FieldError("/id", "draft-gone", "Somebody deleted it."),)


def test_several_faults_win_over_one_pointer() -> None:
    faults = [FieldError("/a", "x", "X"), FieldError("/b", "y", "Y")]
    assert DraftGone(pointer="/c", errors=faults).errors == tuple(faults)
    assert InvalidInput(faults).errors == tuple(faults)
    assert (InvalidInput([]).code, NotFound().kind) == ("invalid-input", Kind.NOT_FOUND)
