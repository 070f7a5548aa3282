"""The guards of metadata, of members held to legal entities and of hidden fields."""

from tests.mutants.guard import Guard

TAGS = "tests/invoicing/metadata/test_metadata.py"
DDL = "invoicing/ddl.py"
HELD = "tests/isolation/test_held.py"
WHOLE = "tests/isolation/test_held_whole.py"
BANK = "tests/invoicing/disclosure/test_bank_details.py"

RIGHTS = (
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
    Guard(
        "hidden fields leave no list and no record of v2",
        (("invoicing/api/v2/master_data.py", "disclosed(show(row))", "show(row)"),),
        (f"{BANK}::test_no_route_shows_a_viewer_bank_details",),
    ),
    Guard(
        "hidden fields leave no record of v2",
        (
            (
                "invoicing/api/v2/master_data.py",
                "to_json(disclosed(current)), headers",
                "to_json(current), headers",
            ),
        ),
        (f"{BANK}::test_no_route_shows_a_viewer_bank_details",),
    ),
    Guard(
        "hidden fields leave no record of v1",
        (
            (
                "invoicing/api/v1/master_data.py",
                "return disclosed(super().to_representation(instance))",
                "return super().to_representation(instance)",
            ),
        ),
        (f"{BANK}::test_no_route_shows_a_viewer_bank_details",),
    ),
    Guard(
        "hidden fields leave no frozen party of v2",
        (("invoicing/api/v2/invoice_out.py", "disclosed(record.seller)", "record.seller"),),
        (f"{BANK}::test_no_route_shows_a_viewer_bank_details",),
    ),
    Guard(
        "hidden fields leave no frozen party of v1",
        (("invoicing/api/v1/invoice_data.py", "disclosed(record.seller)", "record.seller"),),
        (f"{BANK}::test_no_route_shows_a_viewer_bank_details",),
    ),
    Guard(
        "hidden fields leave no entry of the trail",
        (
            (
                "audit/selectors.py",
                "disclosed(values.shown(entry.new_values, decimals=decimals))",
                "values.shown(entry.new_values, decimals=decimals)",
            ),
        ),
        (f"{BANK}::test_the_trail_hides_them_from_a_reader_without_the_right",),
    ),
    Guard(
        "what is hidden is not written",
        (
            (
                "invoicing/services/master_data.py",
                "    ensure_not_hidden({name: value for",
                "    dict({name: value for",
            ),
        ),
        (f"{BANK}::test_who_may_not_see_them_cannot_write_them",),
    ),
    Guard(
        "rows of another legal entity are not there",
        (("invoicing/ddl.py", "USING ({held}) WITH CHECK ({held})", "USING (true) WITH CHECK (true)"),),
        (f"{HELD}::test_no_route_shows_the_other_legal_entity",),
    ),
    Guard(
        "rows of what belongs to another legal entity are not there",
        (("invoicing/ddl.py", "USING ({_HELD} IS NULL OR {owners})", "USING (true)"),),
        (f"{HELD}::test_the_database_shows_the_rows_of_ones_own_legal_entity_alone",),
    ),
    Guard(
        "the database is told what an actor is held to",
        (("tenants/scope.py", 'f"{{{held}}}" if held else ""', '""'),),
        (f"{HELD}::test_no_route_shows_the_other_legal_entity",),
    ),
    Guard(
        "a session is held as its member is",
        (("tenants/selectors/sessions.py", "        legal_entities=legal_entities,\n", ""),),
        (f"{HELD}::test_no_route_shows_the_other_legal_entity",),
    ),
    Guard(
        "a key is held as its maker is",
        (("tenants/selectors/api_keys.py", "        legal_entities=found.legal_entities,\n", ""),),
        (f"{HELD}::test_a_key_is_held_as_its_maker_is",),
    ),
    Guard(
        "who is held has no say in the whole",
        (
            (
                "tenants/statements/rights.py",
                "rights - capabilities.OF_THE_WHOLE if legal_entities else rights",
                "rights",
            ),
        ),
        (f"{HELD}::test_who_is_held_has_no_say_in_the_whole",),
    ),
    Guard(
        "who is held manages no members",
        (
            ("tenants/statements/rights.py", "m.is_active AND m.legal_entities = '{}'", "m.is_active"),
            (
                "tenants/services/members.py",
                "    if MEMBERS_MANAGE in before - rights_of_member(membership_id=membership_id):",
                "    if False:",
            ),
        ),
        (f"{HELD}::test_the_last_who_manages_members_cannot_be_held",),
    ),
    Guard(
        "who is held merges no parties",
        (("tenants/capabilities.py", "AUDIT_READ, RATES_WRITE, PARTIES_MERGE}", "AUDIT_READ, RATES_WRITE}"),),
        (f"{WHOLE}::test_who_is_held_merges_no_parties",),
    ),
    Guard(
        "a credit limit counts what is owed to all legal entities",
        (("invoicing/migrations/0021_credit_balance.py", "SECURITY DEFINER ", ""),),
        (f"{WHOLE}::test_a_credit_limit_counts_what_is_owed_to_the_other_legal_entities",),
    ),
    Guard(
        "who is held is not told what is owed to all legal entities",
        (
            (
                "invoicing/services/credit_limits.py",
                'pointer="/customer", **_disclosed(told))',
                'pointer="/customer", **told)',
            ),
        ),
        (f"{WHOLE}::test_a_credit_limit_counts_what_is_owed_to_the_other_legal_entities",),
    ),
    Guard(
        "an invitation holds whoever accepts it",
        (("tenants/services/invitations.py", "        legal_entities=invitation.legal_entities,\n", ""),),
        (f"{WHOLE}::test_an_invitation_holds_a_member_from_the_first_moment",),
    ),
)
