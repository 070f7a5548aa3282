"""The guards of customers, vendors and what may be sold to them."""

from tests.mutants.guard import guard

LIMITS = "tests/invoicing/test_credit_limits.py"
MERGING = "tests/invoicing/test_merging.py"
PRICES = "tests/invoicing/catalogue/test_prices.py"
ONE_AT_A_TIME = "tests/invoicing/catalogue/test_one_at_a_time.py"
PARTNERS = "tests/invoicing/catalogue/test_partners.py"


PARTIES = (
    guard(
        "the database refuses two prices of an item that hold on one day",
        "invoicing/migrations/0024_one_at_a_time.py",
        "        migrations.RunSQL(PRICES, migrations.RunSQL.noop),\n",
        "",
        ONE_AT_A_TIME,
    ),
    guard(
        "the database refuses two rates of a name that hold on one day",
        "invoicing/migrations/0024_one_at_a_time.py",
        "        migrations.RunSQL(RATES, migrations.RunSQL.noop),\n",
        "",
        ONE_AT_A_TIME,
    ),
    guard(
        "prices and rates that are written at once see each other",
        "invoicing/migrations/0024_one_at_a_time.py",
        "    {turn}\n",
        "",
        ONE_AT_A_TIME,
    ),
    guard(
        "the database refuses prices and rates that it cannot compare at the commit",
        "invoicing/migrations/0024_one_at_a_time.py",
        "IF NEW.tenant_id IS DISTINCT FROM nullif(",
        "IF false AND NEW.tenant_id IS DISTINCT FROM nullif(",
        ONE_AT_A_TIME,
    ),
    guard(
        "a rate that ended since the draft is not issued",
        "invoicing/services/freezing.py",
        "if placement.issue_date is not None:\n        ensure_rates",
        "if False:\n        ensure_rates",
        PRICES,
    ),
    guard(
        "what is credited is taxed as it was invoiced",
        "invoicing/domain/credit_document.py",
        "replace(text, tax_rate=None)",
        "text",
        PRICES,
    ),
    guard(
        "a report that knows nothing of a merge shows the two apart",
        "invoicing/statements/merging.py",
        "    WHERE up.merged_at < %(known_at)s\n",
        "",
        f"{MERGING}::test_a_report_that_knew_nothing_of_the_merge_is_what_it_was",
    ),
    guard(
        "who was merged is one with the survivor in the ledger",
        "invoicing/services/allocating.py",
        "    source, claims = posting.as_survivors(source, claims)\n",
        "",
        f"{MERGING}::test_money_of_the_one_settles_documents_of_the_other",
    ),
    guard(
        "an alias is never taken into use again",
        "invoicing/services/partners.py",
        "    if row.merged_into_id is not None:\n        raise MergedAlready\n",
        "",
        f"{MERGING}::test_a_merge_is_repeated_without_effect_and_never_taken_back",
    ),
    guard(
        "no two prices, and no two rates, hold on one day",
        "invoicing/services/validity.py",
        "    if other is not None:\n",
        "    if False:\n",
        f"{PRICES}::test_no_two_prices_of_an_item_and_currency_hold_on_one_day",
    ),
    guard(
        "a rate that is named holds on the date of issue",
        "invoicing/selectors/open_lines.py",
        "if (rate.valid_from and day < rate.valid_from) or (rate.valid_to and day > rate.valid_to):",
        "if False:",
        f"{PRICES}::test_a_rate_that_is_named_holds_on_the_date_of_issue",
    ),
    guard(
        "a price of the catalogue, which is net, is not taken for one with tax",
        "invoicing/selectors/open_lines.py",
        "    if document.prices_include_tax:\n",
        "    if False:\n",
        f"{PRICES}::test_without_a_price_that_holds_the_line_is_refused",
    ),
    guard(
        "whoever issues to a customer with a limit waits for the other",
        "invoicing/statements/credit_limits.py",
        "ORDER BY id FOR NO KEY UPDATE",
        "ORDER BY id",
        f"{LIMITS}::test_of_many_that_just_fit_alone_as_many_are_issued_as_fit_together",
    ),
    guard(
        "a draft is held against the limit when it is issued",
        "invoicing/services/issuing.py",
        "        ensure_within_limits([claim])\n",
        "",
        LIMITS,
    ),
    guard(
        "documents of one batch are added up",
        "invoicing/domain/credit_limit.py",
        "        balance += claim.amount\n",
        "",
        LIMITS,
    ),
    guard(
        "an account is named once",
        "invoicing/services/partners.py",
        'elif settled["iban"] in [other["iban"] for other in accounts]:',
        "elif False:",
        PARTNERS,
    ),
    guard(
        "whoever makes a contact waits for the other",
        "invoicing/services/contacts.py",
        "party = rows.select_for_update(no_key=True).filter(",
        "party = rows.filter(",
        f"{PARTNERS}::test_of_many_first_contacts_one_becomes_the_default",
    ),
)
