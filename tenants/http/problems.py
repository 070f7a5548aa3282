"""Refusals and failures as answers: kinds become statuses here and nowhere else.

v2 answers RFC 9457 problem details, v1 its older envelope. Nothing of SQL, of paths of this machine
or of another tenant gets out: the texts are those of domain errors, of REST framework and of here.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from math import ceil
from typing import Any

import psycopg
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.encoding import escape_uri_path
from django.views import defaults
from rest_framework import exceptions

from tenants.errors import DomainError, FieldError, Kind
from tenants.http.rendering import to_json
from tenants.http.strictjson import child
from tenants.http.versions import mark_deprecated, version_of

logger = logging.getLogger(__name__)

STATUSES: Mapping[Kind, int] = {
    Kind.INVALID: 400,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.PRECONDITION_FAILED: 412,
    Kind.TOO_LARGE: 413,
    Kind.UNSUPPORTED: 415,
    Kind.UNPROCESSABLE: 422,
    Kind.PRECONDITION_REQUIRED: 428,
    Kind.THROTTLED: 429,
    Kind.UNAVAILABLE: 503,
}
TYPE_BASE = "urn:problem-type:quittance:"
PROBLEM_TYPE = "application/problem+json"
BEARER = 'Bearer realm="api"'
RETRY_AFTER = 5


@dataclass(frozen=True, slots=True)
class Problem:
    """One answer before it takes the form of a version."""

    status: int
    code: str
    title: str
    detail: str
    errors: tuple[FieldError, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, object] = field(default_factory=dict)


def _plain(status: int, code: str, detail: str, **headers: str) -> Problem:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Problem(status, code, HTTPStatus(status).phrase, detail, headers=named)


NOT_FOUND = _plain(404, "not-found", "There is nothing here under this name.")
FORBIDDEN = _plain(403, "forbidden", "You may not do this.")
BAD_REQUEST = _plain(400, "bad-request", "The request is malformed.")
TOO_LARGE = _plain(413, "body-too-large", "The body is larger than this service reads.")
BROKEN = _plain(500, "internal-error", "Something went wrong on our side; it has been recorded.")
DOWN = _plain(
    503, "unavailable", "A service this one needs does not answer; try again.", Retry_After=str(RETRY_AFTER)
)
OUT_OF_RANGE = _plain(400, "value-out-of-range", "A value is outside of what can be stored.")
CONFLICT = _plain(409, "conflict", "This collides with what is stored already.")


def problem_of(error: BaseException) -> Problem | None:
    """What to answer to `error`; None if it is a fault of ours that should surface as one."""
    if isinstance(error, DomainError):
        return _of_domain(error)
    if isinstance(error, exceptions.APIException):
        return _of_framework(error)
    if isinstance(error, Http404):
        return NOT_FOUND
    if isinstance(error, PermissionDenied):
        return FORBIDDEN
    if isinstance(error, RequestDataTooBig):
        return TOO_LARGE
    if isinstance(error, SuspiciousOperation):
        return BAD_REQUEST
    return _of_database(error)


def _of_domain(error: DomainError) -> Problem:
    headers: dict[str, str] = {}
    if error.kind is Kind.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = BEARER
    retry_after = error.retry_after
    if retry_after is None and error.kind is Kind.UNAVAILABLE:
        retry_after = RETRY_AFTER
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return Problem(
        STATUSES[error.kind], error.code, error.message, error.detail, error.errors, headers, error.extra
    )


def _of_framework(error: exceptions.APIException) -> Problem:
    if isinstance(error, exceptions.NotFound):
        return NOT_FOUND
    status = error.status_code
    headers: dict[str, str] = {}
    errors: tuple[FieldError, ...] = ()
    code, detail = HTTPStatus(status).phrase.lower().replace(" ", "-"), ""
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        status, code = 401, "not-authenticated"
        headers["WWW-Authenticate"] = getattr(error, "auth_header", BEARER)
    if isinstance(error, exceptions.Throttled) and (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(ceil(wait))
    if isinstance(error, exceptions.ValidationError):
        errors = tuple(_flatten(error.detail, ""))
        code, detail = "invalid-input", "The input has faults; each is listed with the place it stands at."
    elif isinstance(error.detail, str):
        detail = str(error.detail)
        given = getattr(error.detail, "code", "")
        if given and given != error.default_code:
            code = given.replace("_", "-")
    return Problem(status, code, HTTPStatus(status).phrase, detail, errors, headers)


def _of_database(error: BaseException) -> Problem | None:
    if isinstance(error, OperationalError | InterfaceError):
        # A dead or overloaded server, a lock that was not to be had: all of them pass.
        logger.warning("database unavailable: %s", type(error.__cause__ or error).__name__)
        return DOWN
    if isinstance(error, DataError | IntegrityError):
        # The services refuse before the database must; what it alone refused is worth a look.
        # Not the message: it quotes the row.
        cause = error.__cause__
        constraint = cause.diag.constraint_name if isinstance(cause, psycopg.Error) else None
        logger.error(
            "the database refused what the service let through: %s %s", type(cause).__name__, constraint
        )
        return OUT_OF_RANGE if isinstance(error, DataError) else CONFLICT
    return None


def _flatten(detail: Any, pointer: str) -> list[FieldError]:
    """REST framework's tree of messages as a list with JSON Pointers."""
    if isinstance(detail, Mapping):
        return [
            fault
            for name, inner in detail.items()
            for fault in _flatten(inner, pointer if name == "non_field_errors" else child(pointer, name))
        ]
    if isinstance(detail, list | tuple):
        leaves = all(isinstance(inner, str) for inner in detail)
        return [
            fault
            for index, inner in enumerate(detail)
            for fault in _flatten(inner, pointer if leaves else child(pointer, index))
        ]
    code = getattr(detail, "code", "invalid").replace("_", "-")
    return [FieldError(pointer, "missing" if code == "required" else code, str(detail))]


def respond(problem: Problem, request: HttpRequest) -> HttpResponse:
    """`problem` in the form of the version the path belongs to."""
    version = version_of(request)
    response = _as_v1(problem) if version == "v1" else _as_v2(problem, request)
    for name, value in problem.headers.items():
        response.headers[name] = value
    response.headers["Cache-Control"] = "no-store"
    if version == "v1":
        mark_deprecated(response, request)
    return response


def _as_v2(problem: Problem, request: HttpRequest) -> HttpResponse:
    body: dict[str, Any] = {
        **problem.extra,
        "type": TYPE_BASE + problem.code,
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail or problem.title,
        "code": problem.code,
        "instance": escape_uri_path(request.path),
    }
    if problem.errors:
        body["errors"] = [
            {"pointer": fault.pointer, "code": fault.code, "detail": fault.detail} for fault in problem.errors
        ]
    return HttpResponse(to_json(body), status=problem.status, content_type=PROBLEM_TYPE)


def _as_v1(problem: Problem) -> HttpResponse:
    fields: dict[str, list[str]] = {}
    for fault in problem.errors:
        name = fault.pointer.lstrip("/?").replace("/", ".").replace("~1", "/").replace("~0", "~")
        fields.setdefault(name or "non_field_errors", []).append(fault.detail)
    body = {
        **problem.extra,
        "success": False,
        "error": problem.code.replace("-", "_").upper(),
        "message": problem.detail or problem.title,
        "timestamp": timezone.now(),
        "fields": fields,
    }
    return HttpResponse(to_json(body), status=problem.status, content_type="application/json")


def respond_to(error: BaseException, request: HttpRequest) -> HttpResponse | None:
    """For middleware: the answer to `error`, or None if it must surface."""
    problem = problem_of(error)
    return None if problem is None else respond(problem, request)


def exception_handler(error: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """REST framework's EXCEPTION_HANDLER."""
    return respond_to(error, context["request"])


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """handler400; a forged Host and the like. The reason stays in the log."""
    if version_of(request) is None:
        return defaults.bad_request(request, exception)
    return respond(TOO_LARGE if isinstance(exception, RequestDataTooBig) else BAD_REQUEST, request)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """handler403."""
    if version_of(request) is None:
        return defaults.permission_denied(request, exception)
    return respond(FORBIDDEN, request)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """handler404."""
    if version_of(request) is None:
        return defaults.page_not_found(request, exception)
    return respond(NOT_FOUND, request)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """handler500."""
    if version_of(request) is None:
        return defaults.server_error(request)
    return respond(BROKEN, request)
