"""The guards of metadata, of members held to legal entities and of hidden fields."""

from tests.mutants.guards import Guard

TAGS = "tests/invoicing/metadata/test_metadata.py"
DDL = "invoicing/ddl.py"

GUARDS = (
    Guard(
        "metadata is found in the tenant's own rows",
        (
            (
                DDL,
                "@> public.invoicing_tenant_metadata({tenant}, wanted)",
                "@> public.invoicing_tenant_metadata(tenant_id, wanted)",
            ),
        ),
        (f"{TAGS}::test_the_index_serves_the_filter",),
    ),
    Guard(
        "a key of metadata has at most 40 characters and no brackets",
        (
            (
                "tenants/http/metadata.py",
                r'max_length=LONGEST_KEY, pattern=r"^[^\[\]\n\r\t]*\Z", ',
                "",
            ),
        ),
        (f"{TAGS}::test_bad_metadata_is_refused_where_it_stands",),
    ),
    Guard(
        "metadata has at most 50 keys",
        (
            (
                "tenants/http/metadata.py",
                "Meta(max_length=MOST_KEYS, extra=_TOO_MANY)",
                "Meta(extra=_TOO_MANY)",
            ),
        ),
        (f"{TAGS}::test_fifty_keys_of_forty_characters_with_values_of_five_hundred_are_taken",),
    ),
    Guard(
        "metadata of an issued document is changed alone",
        (
            (
                "invoicing/api/v2/invoices.py",
                'if patch.keys() == {"metadata"}:',
                'if "metadata" in patch:',
            ),
        ),
        (f"{TAGS}::test_an_issued_document_takes_metadata_and_nothing_else",),
    ),
    Guard(
        "metadata of a payment is changed in the version that was read",
        (
            (
                "invoicing/services/tagging.py",
                "        ensure_version(payment.version, expected=expected_version)",
                "        pass",
            ),
            (
                "invoicing/api/v2/payments.py",
                "        ensure_version(payment.version, expected=version)\n",
                "",
            ),
        ),
        (f"{TAGS}::test_a_stale_version_is_refused",),
    ),
)
