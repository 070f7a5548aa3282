"""The guards of the ledger (invariant 4) and of reports as of a day."""

from tests.mutants.guard import guard

FOLDER = "tests/invoicing/ledger"
LOCKS = f"{FOLDER}/test_locks.py"
BACKSTOP = f"{FOLDER}/test_backstop.py"
AS_OF = f"{FOLDER}/test_as_of.py"
POSTINGS = f"{FOLDER}/test_postings.py"
API = f"{FOLDER}/test_api.py"
RULES = "invoicing/migrations/0005_ledger_rules.py"
POSTING = "invoicing/services/posting.py"
REPORTS = "invoicing/statements/receivables.py"


LEDGER = (
    guard(
        "the ledger: a payment is locked by who takes from it",
        POSTING,
        "Payment.objects.select_for_update(no_key=True).filter(id=payment_id)",
        "Payment.objects.filter(id=payment_id)",
        LOCKS,
    ),
    guard(
        "the ledger: documents are locked by who settles them",
        POSTING,
        "Invoice.objects.select_for_update(no_key=True).filter(which",
        "Invoice.objects.filter(which",
        LOCKS,
    ),
    guard(
        "the ledger: locks let others refer to a row (no key)",
        POSTING,
        "select_for_update(no_key=True)",
        "select_for_update()",
        f"{LOCKS}::test_what_is_locked_can_still_be_referred_to",
    ),
    guard(
        "the ledger: claims are locked in the order of their ids",
        POSTING,
        'rows.order_by("id").only',
        'rows.order_by("-id").only',
        f"{LOCKS}::test_documents_are_locked_in_the_order_of_their_ids",
    ),
    guard(
        "the ledger: only claims are locked as claims",
        POSTING,
        "[share.document for share in shares], _IS_CLAIM)",
        "[share.document for share in shares])",
        f"{LOCKS}::test_what_holds_credit_is_not_locked_as_a_claim",
    ),
    guard(
        "the ledger: nothing is settled above what is open",
        "invoicing/domain/ledger.py",
        "if share.money.amount > target.left.amount:",
        "if False:",
        POSTINGS,
    ),
    guard(
        "the ledger: nothing is spent above what is left",
        "invoicing/domain/ledger.py",
        "        if left < 0:\n",
        "        if False:\n",
        POSTINGS,
    ),
    guard(
        "the ledger: nothing counts before something was taken back",
        "invoicing/services/posting.py",
        "since=max(payment.effective_date, payment.reopened_on or payment.effective_date),",
        "since=payment.effective_date,",
        POSTINGS,
    ),
    guard(
        "the ledger: a write-off stays within its limit",
        "invoicing/services/writing_off.py",
        "if _written_off(invoice.id) + amount.amount > limit:",
        "if amount.amount > limit:",
        POSTINGS,
    ),
    guard(
        "the ledger: rows are never changed (trigger)",
        RULES,
        "CREATE TRIGGER invoicing_append_only BEFORE UPDATE OR DELETE ON {table}",
        "CREATE TRIGGER invoicing_append_only BEFORE INSERT OR DELETE ON {table}",
        BACKSTOP,
    ),
    guard(
        "the ledger: a payment adds up at commit (deferred check)",
        RULES,
        "       OR found.most > kept.amount OR found.least < 0",
        "       OR false AND found.least < 0",
        BACKSTOP,
    ),
    guard(
        "the ledger: a document adds up at commit (deferred check)",
        RULES,
        "IF found.settled * sign(kept.payable) IS DISTINCT FROM kept.settled_amount",
        "IF false",
        BACKSTOP,
    ),
    guard(
        "the ledger: a reversal takes back what is there",
        RULES,
        "IF taken > target.amount OR",
        "IF",
        BACKSTOP,
    ),
    guard(
        "the ledger: the database says when something was recorded",
        RULES,
        "CREATE TRIGGER invoicing_stamp BEFORE INSERT ON {table}",
        "CREATE TRIGGER invoicing_stamp BEFORE DELETE ON {table}",
        f"{BACKSTOP}::test_nobody_says_when_something_was_recorded",
    ),
    guard(
        "as of: a day knows what was recorded by its midnight",
        "invoicing/selectors/receivables.py",
        "known_at or min(close.end, close.now)",
        "known_at or close.now",
        AS_OF,
    ),
    guard(
        "as of: reports leave out what was recorded later",
        REPORTS,
        '_KNOWN = "{row}.effective_date <= %(as_of)s AND {row}.recorded_at < %(known_at)s"',
        '_KNOWN = "{row}.effective_date <= %(as_of)s"',
        AS_OF,
    ),
    guard(
        "as of: a void counts once it is known",
        REPORTS,
        "i.voided_on <= %(as_of)s AND i.voided_at < %(known_at)s, false",
        "i.voided_on <= %(as_of)s, false",
        AS_OF,
    ),
    guard(
        "as of: a report waits for postings under way",
        REPORTS,
        '    fetch_rows(_AWAIT, {"tenant": tenant_id, "seconds": PATIENCE_SECONDS})\n',
        "",
        LOCKS,
    ),
    guard(
        "as of: postings hold the ledger's lock until they commit",
        "invoicing/migrations/0004_ledger.py",
        "hashtextextended('ledger:' || coalesce(",
        "hashtextextended('other:' || coalesce(",
        LOCKS,
    ),
)
