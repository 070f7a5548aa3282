"""What each guard of the database costs the statement that writes ten lines; no goal."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager

import msgspec
from django.db import connections
from django.utils import timezone

from bench.create10 import ours_body, raw_writer
from bench.harness import OURS, Contender, Trial, WrongResult
from bench.relay import drained
from bench.world import World, raw_connection
from invoicing.api.v2.invoice_in import NewInvoiceIn
from invoicing.services.preparing import prepare
from invoicing.statements.documents import write_documents
from tenants import ids
from tenants.http.parsing import parse_body
from tests.factories import scope_of

TABLES = ("invoicing_invoice", "invoicing_invoiceline", "invoicing_seriescounter")
# Each query gives pairs of statements: one that removes, one that makes again.
_TRIGGERS = """
    SELECT format('ALTER TABLE %%s DISABLE TRIGGER %%I', tgrelid::regclass, tgname),
           format('ALTER TABLE %%s ENABLE TRIGGER %%I', tgrelid::regclass, tgname)
    FROM pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text = ANY (%s) AND tgname LIKE %s
"""
_CONSTRAINTS = """
    SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
           format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname,
                  pg_get_constraintdef(oid))
    FROM pg_constraint WHERE conrelid::regclass::text = ANY (%s) AND contype::text LIKE %s
"""
_INDEXES = """
    SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)
    FROM pg_index WHERE indrelid::regclass::text = ANY (%s) AND NOT indisunique AND %s <> ''
"""
_POLICIES = """
    SELECT format('ALTER TABLE %%s DISABLE ROW LEVEL SECURITY', oid::regclass),
           format('ALTER TABLE %%s ENABLE ROW LEVEL SECURITY', oid::regclass)
    FROM pg_class WHERE oid::regclass::text = ANY (%s) AND relname LIKE %s
"""
GUARDS: dict[str, tuple[str, str]] = {
    "audit triggers": (_TRIGGERS, "audit%"),
    "freeze triggers": (_TRIGGERS, "invoicing_frozen%"),
    "foreign keys": (_CONSTRAINTS, "f"),
    "checks": (_CONSTRAINTS, "c"),
    "row-level security": (_POLICIES, "%"),
    "indexes of lists": (_INDEXES, "%"),
}


@contextmanager
def trial(world: World) -> Iterator[Trial]:
    """Rows are prepared, the scope stands: what is timed is `write_documents` and its commit."""
    draft = parse_body(ours_body(world.customer.public_id), NewInvoiceIn).draft()
    with scope_of(world.ours, member=world.member):
        (one,) = prepare([draft], now=timezone.now(), issue=True)

    def write() -> object:
        document = msgspec.structs.replace(one.document, id=ids.uuid7())
        lines = [msgspec.structs.replace(line, id=ids.uuid7(), invoice_id=document.id) for line in one.lines]
        return write_documents(tenant_id=world.ours.id, documents=[document], lines=lines, issue=True)

    def without(*guards: str) -> Callable[[], AbstractContextManager[None]]:
        @contextmanager
        def around() -> Iterator[None]:
            with drained(), _removed(guards), scope_of(world.ours, member=world.member):
                yield

        return around

    with closing(raw_connection("default")) as main:
        limit = raw_writer(world, main, None)
        yield Trial(
            contenders=[
                Contender(OURS, write, without()),
                *(Contender(f"without {guard}", write, without(guard)) for guard in GUARDS),
                Contender("without any", write, without(*GUARDS)),
                Contender("limit, unaudited", lambda: limit.issue(1), drained),
            ],
            goals=[],
            facts={},
        )


@contextmanager
def _removed(guards: tuple[str, ...]) -> Iterator[None]:
    """The guards are off inside, and as they were afterwards."""
    with connections["owner"].cursor() as cursor:
        again = []
        for guard in guards:
            query, pattern = GUARDS[guard]
            cursor.execute(query, [list(TABLES), pattern])
            pairs = cursor.fetchall()
            if not pairs:
                raise WrongResult(f"there are no {guard} to be removed")
            for remove, remake in pairs:
                cursor.execute(remove)
                again.append(remake)
        try:
            yield
        finally:
            for remake in again:
                cursor.execute(remake)
