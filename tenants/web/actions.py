"""Pages that change something: forms read strictly, refusals told where they were caused."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.contrib.messages import constants
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase

from tenants.errors import DomainError, FieldError, InvalidInput, Kind
from tenants.http.problems import STATUSES
from tenants.http.query import parse_query
from tenants.http.values import Body
from tenants.web.pages import Page

B = TypeVar("B", bound=Body)
# These say something about the visitor or the address, not about what was typed.
_WHOLE_PAGE = (Kind.UNAUTHENTICATED, Kind.NOT_FOUND, Kind.UNAVAILABLE)


class Form(Body, kw_only=True):
    """What every form of ours sends; each adds its fields by deriving from it."""

    csrfmiddlewaretoken: str = ""


def form_of(request: HttpRequest, into: type[B], *, lists: Sequence[str] = ()) -> B:
    """The form as `into`; `lists` are read apart, by `choices_of`. Raises InvalidInput."""
    fields: QueryDict = request.POST.copy()
    for name in lists:
        fields.pop(name, None)
    return parse_query(fields, into)


def choices_of(request: HttpRequest, name: str) -> list[str]:
    """What was ticked under one name."""
    return [str(value) for value in request.POST.getlist(name)]


class ActionPage(Page):
    """A page whose forms are sent to it."""

    def attempt(self, do: Callable[[], object], *, done: str, back: str) -> HttpResponseBase:
        """Do something, say so on the page `back`; a refusal is told there as well."""
        try:
            do()
        except DomainError as error:
            if error.kind in _WHOLE_PAGE:
                raise
            self.notices.add(constants.ERROR, told(error))
        else:
            self.notices.add(constants.SUCCESS, done)
        return self.redirect(back)

    def refused(self, error: DomainError, template: str, context: dict[str, Any]) -> HttpResponseBase:
        """The form again, with what was typed (`stated` of the context) and why it was not taken."""
        if error.kind in _WHOLE_PAGE:
            raise error
        if error.retry_after is not None:
            self.headers["Retry-After"] = str(error.retry_after)
        faults = {_name(fault): fault.detail for fault in error.errors}
        refusal = "" if isinstance(error, InvalidInput) and faults else error.detail
        return self.render(
            template, {**context, "faults": faults, "refusal": refusal}, status=STATUSES[error.kind]
        )


def told(error: DomainError) -> str:
    """A refusal in one line."""
    if isinstance(error, InvalidInput):
        return " ".join(f"{_name(fault).capitalize()}: {fault.detail}" for fault in error.errors)
    return error.detail


def _name(fault: FieldError) -> str:
    return fault.pointer.lstrip("?/").partition("/")[0]
