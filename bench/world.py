"""Who and what is measured with: two tenants, one with many documents, and callers of the API."""

import io
import sys
from collections.abc import Callable
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

import psycopg
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections
from django.test.utils import override_settings

from bench.harness import WrongResult
from invoicing.services.creating import create_invoices
from tenants.models import Membership, Tenant
from tests.factories import client_of, make_member, make_tenant, scope_of
from tests.factories.invoicing import a_draft, a_line, make_customer, make_legal_entity

CUSTOMERS, DOCUMENTS, FOREIGN_DOCUMENTS = 500, 20_000, 5_000
FIRST_DAY = date(2025, 1, 1)  # the documents are spread over the following 700 days
BATCH = 500


class World:
    """A tenant `ours` with a member, and `theirs`, whose rows must never show. `scale` shrinks the data."""

    def __init__(self, scale: float) -> None:
        self.scale = scale
        self.ours = make_tenant("acme", access_token_minutes=60)
        self.theirs = make_tenant("globex")
        self.member: Membership = make_member(self.ours)
        with scope_of(self.ours, member=self.member):
            make_legal_entity()
            self.customer = make_customer()
        with scope_of(self.theirs):
            make_legal_entity()
            self.foreign_customer = make_customer()

    def sized(self, number: int) -> int:
        """`number` in full runs, a handful in quick ones."""
        return max(200, round(number * self.scale))

    @cached_property
    def documents(self) -> int:
        """How many issued documents `ours` lists, made at first use; `theirs` has a quarter as many."""
        count = self.sized(DOCUMENTS)
        fill(self.ours, customers=self.sized(CUSTOMERS), documents=count)
        fill(self.theirs, customers=self.sized(CUSTOMERS) // 4 + 1, documents=self.sized(FOREIGN_DOCUMENTS))
        with connections["owner"].cursor() as cursor:
            cursor.execute("VACUUM ANALYZE invoicing_invoice, invoicing_invoiceline, invoicing_customer")
        return count

    def access_token(self, *, foreign: bool = False) -> str:
        """A token of a new session, as a login gives it; `foreign` is one of the other tenant."""
        return client_of(make_member(self.theirs) if foreign else self.member).access


def fill(tenant: Tenant, *, customers: int, documents: int) -> None:
    """Issue `documents` of one line each, over two years and so many customers."""
    with scope_of(tenant):
        buyers: list[UUID] = [make_customer(name=f"Customer {number:05}").id for number in range(customers)]
        for start in range(0, documents, BATCH):
            numbers = range(start, min(start + BATCH, documents))
            create_invoices(
                drafts=[
                    a_draft(
                        buyers[number % customers],
                        lines=[a_line("2", f"{number % 997 + 1}.25")],
                        issue_date=FIRST_DAY + timedelta(days=number * 7 % 700),
                    )
                    for number in numbers
                ],
                issue=True,
            )


class Caller:
    """Calls a WSGI application in this process, as a server would: request in, bytes out, closed."""

    def __init__(self, application: Any = None, *, token: str = "") -> None:
        self.application = application or WSGIHandler()
        self.token = token
        self.status = ""

    def __call__(
        self, method: str, path: str, *, query: str = "", body: bytes = b"", expected: str = "2"
    ) -> bytes:
        """The body of the answer. Raises WrongResult unless the status begins with `expected`."""
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "testserver",
            "HTTP_ACCEPT": "application/json",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": False,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        if self.token:
            environ["HTTP_AUTHORIZATION"] = f"Bearer {self.token}"
        if body:
            environ["CONTENT_TYPE"] = "application/json"
            environ["CONTENT_LENGTH"] = str(len(body))
        response = self.application(environ, self._started)
        try:
            answer = b"".join(response)
        finally:
            response.close()
        if not self.status.startswith(expected):
            raise WrongResult(f"{method} {path} answered {self.status}: {answer[:500]!r}")
        return answer

    def _started(self, status: str, headers: object, *_: object) -> Callable[[bytes], object]:
        self.status = status
        return lambda _: None


def bare_handler() -> WSGIHandler:
    """The stack without scope, for views that ask nobody who they are."""
    middleware = [name for name in settings.MIDDLEWARE if not name.startswith("tenants.")]
    with override_settings(MIDDLEWARE=middleware):
        return WSGIHandler()


def raw_connection(alias: str) -> "psycopg.Connection[Any]":
    """A bare psycopg connection with autocommit and prepared statements, in the role of `alias`."""
    database = settings.DATABASES[alias]
    connection = psycopg.connect(
        dbname=database["NAME"],
        user=database["USER"],
        password=database["PASSWORD"],
        host=database["HOST"],
        port=database["PORT"] or None,
        autocommit=True,
    )
    connection.prepare_threshold = 0
    return connection
