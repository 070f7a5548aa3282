"""The guards of customers, vendors and what may be sold to them; as `tests.mutants.guards` has the others."""

from tests.mutants.guards import Edit, Guard

LIMITS = "tests/invoicing/test_credit_limits.py"
MERGING = "tests/invoicing/test_merging.py"
PRICES = "tests/invoicing/catalogue/test_prices.py"
PARTNERS = "tests/invoicing/catalogue/test_partners.py"


def _guard(name: str, path: str, text: str, replacement: str, *tests: str) -> Guard:
    edit: Edit = (path, text, replacement)
    return Guard(name, (edit,), tests)


GUARDS = (
    _guard(
        "a report that knows nothing of a merge shows the two apart",
        "invoicing/statements/merging.py",
        "    WHERE up.merged_at < %(known_at)s\n",
        "",
        f"{MERGING}::test_a_report_that_knew_nothing_of_the_merge_is_what_it_was",
    ),
    _guard(
        "who was merged is one with the survivor in the ledger",
        "invoicing/services/allocating.py",
        "    source, claims = posting.as_survivors(source, claims)\n",
        "",
        f"{MERGING}::test_money_of_the_one_settles_documents_of_the_other",
    ),
    _guard(
        "an alias is never taken into use again",
        "invoicing/services/partners.py",
        "    if row.merged_into_id is not None:\n        raise MergedAlready\n",
        "",
        f"{MERGING}::test_a_merge_is_repeated_without_effect_and_never_taken_back",
    ),
    _guard(
        "no two prices, and no two rates, hold on one day",
        "invoicing/services/validity.py",
        "    if other is not None:\n",
        "    if False:\n",
        f"{PRICES}::test_no_two_prices_of_an_item_and_currency_hold_on_one_day",
    ),
    _guard(
        "a rate that is named holds on the date of issue",
        "invoicing/selectors/open_lines.py",
        "if (rate.valid_from and day < rate.valid_from) or (rate.valid_to and day > rate.valid_to):",
        "if False:",
        f"{PRICES}::test_a_rate_that_is_named_holds_on_the_date_of_issue",
    ),
    _guard(
        "a price of the catalogue, which is net, is not taken for one with tax",
        "invoicing/selectors/open_lines.py",
        "    if document.prices_include_tax:\n",
        "    if False:\n",
        f"{PRICES}::test_without_a_price_that_holds_the_line_is_refused",
    ),
    _guard(
        "whoever issues to a customer with a limit waits for the other",
        "invoicing/statements/credit_limits.py",
        "ORDER BY id FOR NO KEY UPDATE",
        "ORDER BY id",
        f"{LIMITS}::test_of_many_that_just_fit_alone_as_many_are_issued_as_fit_together",
    ),
    _guard(
        "a draft is held against the limit when it is issued",
        "invoicing/services/issuing.py",
        "        ensure_within_limits([claim])\n",
        "",
        LIMITS,
    ),
    _guard(
        "documents of one batch are added up",
        "invoicing/domain/credit_limit.py",
        "        balance += claim.amount\n",
        "",
        LIMITS,
    ),
    _guard(
        "an account is named once",
        "invoicing/services/partners.py",
        'elif settled["iban"] in [other["iban"] for other in accounts]:',
        "elif False:",
        PARTNERS,
    ),
    _guard(
        "whoever makes a contact waits for the other",
        "invoicing/services/contacts.py",
        "party = rows.select_for_update(no_key=True).filter(",
        "party = rows.filter(",
        f"{PARTNERS}::test_of_many_first_contacts_one_becomes_the_default",
    ),
)
