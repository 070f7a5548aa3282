"""Metadata is the tenant's own: kept as given, merged by key, found by key, and never another tenant's."""

from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection, connections

from audit.workflows import relay
from invoicing.models import Customer, Invoice, Item, Payment, Vendor
from tenants.models import Tenant
from tests.factories import ApiClient, client_of, make_member, scope_of
from tests.invoicing.metadata.conftest import KINDS, Open, Records

TAGS = {"project": "apollo", "cost centre": "4711"}
BAD: tuple[tuple[Any, str], ...] = (
    ("text", "/metadata"),
    (["a"], "/metadata"),
    ({"a": 1}, "/metadata/a"),
    ({"a": ""}, "/metadata/a"),
    ({"a": {"b": "c"}}, "/metadata/a"),
    ({"a": "x" * 501}, "/metadata/a"),
    ({"a[b]": "c"}, "/metadata/a[b]"),
    ({"x" * 41: "c"}, "/metadata/" + "x" * 41),
    ({"a\nb": "c"}, "/metadata/a\nb"),
    ({f"k{n}": "v" for n in range(51)}, "/metadata"),
)


def test_what_is_given_is_shown_and_nothing_is_an_empty_object(records: Records) -> None:
    tagged = records.make(metadata=TAGS)
    assert tagged["metadata"] == TAGS
    assert records.read(tagged)["metadata"] == TAGS
    assert records.read(records.make())["metadata"] == {}
    assert records.read(records.make(metadata=None))["metadata"] == {}


def test_a_patch_merges_key_by_key_and_null_takes_away(records: Records) -> None:
    record = records.make(metadata=TAGS)
    changed = records.data(records.patch(record, {"metadata": {"project": None, "po": "77"}}))
    assert changed["metadata"] == {"cost centre": "4711", "po": "77"}
    assert records.read(record)["metadata"] == {"cost centre": "4711", "po": "77"}
    assert records.data(records.patch(record, {"metadata": None}))["metadata"] == {}


def test_fifty_keys_of_forty_characters_with_values_of_five_hundred_are_taken(records: Records) -> None:
    most = {f"{n:040}": "ü" * 500 for n in range(50)}
    record = records.make(metadata=most)
    assert records.read(record)["metadata"] == most
    refused = records.patch(record, {"metadata": {"one": "more"}})
    assert refused.status_code == 400
    assert records.pointers(refused) == ["/metadata"]
    assert records.read(record)["metadata"] == most


@pytest.mark.parametrize(("metadata", "pointer"), BAD)
def test_bad_metadata_is_refused_where_it_stands(records: Records, metadata: Any, pointer: str) -> None:
    refused = records.client.post(records.url, records.body(metadata=metadata))
    assert refused.status_code == 400, refused.content
    assert records.pointers(refused) == [pointer]


def test_a_list_is_narrowed_to_all_pairs_that_are_named(records: Records) -> None:
    both = records.make(metadata=TAGS)["id"]
    one = records.make(metadata={"project": "apollo"})["id"]
    records.make(metadata={"project": "gemini"})
    records.make()
    project = f"{quote('metadata[project]')}=apollo"
    assert set(records.found(project)) == {both, one}
    assert records.found(f"{project}&{quote('metadata[cost centre]')}=4711") == [both]
    assert records.found(f"{project}&metadata[cost%20centre]=4712") == []
    assert len(records.found("metadata[project]=")) >= 4


@pytest.mark.parametrize(
    "query", ["metadata=apollo", "metadata[]=a", "metadata[a[b]=c", "q[a]=b", "metadata[a=b"]
)
def test_a_filter_that_names_no_key_is_refused(records: Records, query: str) -> None:
    assert records.client.get(f"{records.url}?{query}").status_code == 400


def test_another_tenants_metadata_finds_nothing(
    opened: Open, acme: Tenant, globex: Tenant, acme_client: ApiClient, globex_client: ApiClient
) -> None:
    for kind in KINDS:
        ours, theirs = opened(kind, acme_client, acme), opened(kind, globex_client, globex)
        hidden = theirs.make(metadata=TAGS)["id"]
        assert ours.found("metadata[project]=apollo") == []
        assert theirs.found("metadata[project]=apollo") == [hidden]


def test_an_issued_document_takes_metadata_and_nothing_else(
    opened: Open, acme: Tenant, acme_client: ApiClient
) -> None:
    invoices = opened("invoices", acme_client, acme)
    record = invoices.make(issue=True, metadata=TAGS)
    changed = invoices.data(invoices.patch(record, {"metadata": {"project": "gemini"}}))
    assert changed["metadata"] == {**TAGS, "project": "gemini"}
    assert invoices.patch(record, {"metadata": {"a": "b"}, "due_date": "2030-01-01"}).status_code == 409
    kept = invoices.read(record)
    assert (kept["number"], kept["metadata"]["project"]) == (record["number"], "gemini")
    relay.drain()
    history = invoices.client.get(f"{invoices.url}/{record['id']}/history")
    assert "gemini" in history.content.decode()


def test_a_draft_changes_both_at_once(opened: Open, acme: Tenant, acme_client: ApiClient) -> None:
    invoices = opened("invoices", acme_client, acme)
    record = invoices.make(metadata=TAGS)
    changed = invoices.data(invoices.patch(record, {"metadata": {"a": "b"}, "due_date": "2030-01-01"}))
    assert (changed["metadata"], changed["due_date"]) == ({**TAGS, "a": "b"}, "2030-01-01")
    assert invoices.data(invoices.patch(record, {"due_date": None}))["metadata"] == {**TAGS, "a": "b"}


def test_a_credit_note_has_metadata_of_its_own(opened: Open, acme: Tenant, acme_client: ApiClient) -> None:
    invoices = opened("invoices", acme_client, acme)
    invoice = invoices.make(issue=True, metadata=TAGS)
    credit = invoices.client.post(
        f"{invoices.url}/{invoice['id']}/credit", {"full": True, "metadata": {"a": "b"}}
    )
    note = invoices.data(credit, 201)
    assert note["metadata"] == {"a": "b"}
    listed = invoices.client.get(f"/api/{invoices.version}/credit-notes?metadata[a]=b")
    assert note["id"] in listed.content.decode()


def test_a_stale_version_is_refused(opened: Open, acme: Tenant, acme_client: ApiClient) -> None:
    for kind in KINDS:
        records = opened(kind, acme_client, acme)
        record = records.make(metadata=TAGS)
        if records.version == "v2":
            assert records.patch(record, {"metadata": {"a": "b"}}, version=7).status_code == 412
            bare = records.client.patch(f"{records.url}/{record['id']}", {"metadata": {}})
            assert bare.status_code == 428
            assert records.read(record)["metadata"] == TAGS


def test_the_same_metadata_again_is_no_change(records: Records) -> None:
    record = records.make(metadata=TAGS)
    before = records.read(record)
    records.data(records.patch(record, {"metadata": TAGS}))
    assert records.read(record) == before


def test_a_viewer_reads_and_does_not_write(opened: Open, acme: Tenant, acme_client: ApiClient) -> None:
    for kind in KINDS:
        records = opened(kind, acme_client, acme)
        record = records.make(metadata=TAGS)
        records.client = client_of(make_member(acme, role="viewer"))
        assert records.read(record)["metadata"] == TAGS
        assert records.patch(record, {"metadata": {"a": "b"}}).status_code == 403
        assert records.read(record)["metadata"] == TAGS


@pytest.mark.parametrize("model", [Customer, Invoice, Item, Payment, Vendor])
def test_the_index_serves_the_filter(
    acme: Tenant, model: type[Customer | Invoice | Item | Payment | Vendor]
) -> None:
    """The plan of what the function runs, with pairs known only when it is called, as there."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = %s", [f"{table}_with_metadata"])
        ((source,),) = cursor.fetchall()
    with connections["owner"].cursor() as cursor:
        cursor.execute("SET plan_cache_mode = force_generic_plan")
        cursor.execute("SET enable_seqscan = off")
        cursor.execute("SELECT set_config('app.tenant_id', %s, false)", [str(acme.id)])
        cursor.execute(f"PREPARE {table}_filter (jsonb) AS {source.replace('wanted', '$1')}")
        cursor.execute(f'EXPLAIN EXECUTE {table}_filter (\'{{"a": "b"}}\')')
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute(f"DEALLOCATE {table}_filter")
        cursor.execute("RESET ALL")
    assert f"Bitmap Index Scan on {table}_metadata" in plan, plan
    assert "Index Cond: (invoicing_tenant_metadata(tenant_id, metadata) @>" in plan, plan


def test_a_row_without_metadata_is_not_in_the_index(acme: Tenant) -> None:
    with scope_of(acme), connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname LIKE '%\\_metadata' ORDER BY 1")
        definitions = [row[0] for row in cursor.fetchall()]
    assert len(definitions) == len(KINDS)
    assert all(one.endswith("WHERE (metadata <> '{}'::jsonb)") for one in definitions)
