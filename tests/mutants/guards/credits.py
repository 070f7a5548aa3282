"""The guards of credit notes, voiding and certificates."""

from tests.mutants.guard import guard

FOLDER = "tests/invoicing/credits"
PURE = f"{FOLDER}/test_partitions.py"
KEPT = f"{FOLDER}/test_crediting.py"
BACKSTOP = f"{KEPT}::test_the_database_alone_refuses_what_takes_too_much"
WAITING = f"{KEPT}::test_a_correction_waits_for_whoever_holds_its_invoice"
API = f"{FOLDER}/test_api.py"
VOIDING = f"{FOLDER}/test_voiding.py"
CERTIFICATE = f"{FOLDER}/test_certificate.py"
RULES = "invoicing/migrations/0007_correction_rules.py"
CREDITING = "invoicing/services/crediting.py"


CREDITS = (
    guard(
        "the residual goes to the last (the rule of the residual)",
        "invoicing/domain/partition.py",
        "return held(own + (units if drift > 0 else -units), left)",
        "return held(own, left)",
        PURE,
    ),
    guard(
        "a part of a tax row is never above what is left of it",
        "invoicing/domain/crediting.py",
        "if not (within(row.taxable, row.left.taxable) and within(row.tax, row.left.tax)):",
        "if False:",
        PURE,
    ),
    guard(
        "an amount of a line is never above what is left of it",
        "invoicing/domain/credit_request.py",
        "if not within(net, rest.net):",
        "if False:",
        PURE,
    ),
    guard(
        "no more pieces are taken back than are left",
        "invoicing/domain/credit_request.py",
        "    if not within(Fraction(quantity), Fraction(rest.quantity)):\n        raise ExceedsWhatIsLeft(",
        "    if not within(Fraction(quantity), Fraction(rest.quantity)):\n        ExceedsWhatIsLeft(",
        PURE,
    ),
    guard(
        "goodwill is never above what is left",
        "invoicing/domain/crediting.py",
        '    if not within(gross, left.gross):\n        raise ExceedsWhatIsLeft(pointer="/amount")\n',
        "",
        PURE,
        API,
    ),
    guard(
        "a credit note is no claim",
        "invoicing/domain/crediting.py",
        "    if gross < 0 or due < 0:\n        raise NegativeCredit\n",
        "",
        PURE,
    ),
    guard(
        "an allowance of the document goes with its lines",
        "invoicing/domain/crediting.py",
        "amounts.append(stands.amount - held(half_up(ideal), stands.amount))",
        "amounts.append(0)",
        PURE,
    ),
    guard(
        "what is payable is credited before what was prepaid",
        "invoicing/domain/crediting.py",
        "    if excess <= 0:\n        return taking\n    rounding",
        "    return taking\n    rounding",
        PURE,
    ),
    guard(
        "whoever credits holds the invoice",
        CREDITING,
        "    invoice = lock_invoice(invoice_id=invoice_id)\n",
        "    invoice = Invoice.objects.get(id=invoice_id)\n",
        WAITING,
    ),
    guard(
        "whoever issues a drafted correction holds the invoice",
        CREDITING,
        "    invoice = lock_invoice(invoice_id=draft.corrects_id)\n",
        "    invoice = Invoice.objects.get(id=draft.corrects_id)\n",
        f"{KEPT}::test_a_drafted_correction_sees_what_was_issued_while_it_waited",
    ),
    guard(
        "a drafted correction that would say something else is not issued",
        CREDITING,
        "        raise ChangedSinceDrafted\n",
        "        pass\n",
        KEPT,
    ),
    guard(
        "a drafted correction is not edited",
        "invoicing/services/editing.py",
        "        raise FollowsItsInvoice\n",
        "        pass\n",
        KEPT,
    ),
    guard(
        "a correction is not dated before its invoice",
        "invoicing/services/freezing.py",
        "        raise BeforeWhatItCorrects(",
        "        BeforeWhatItCorrects(",
        KEPT,
    ),
    guard(
        "only invoices are corrected",
        "invoicing/selectors/credits.py",
        "        raise NotAnInvoice\n",
        "        pass\n",
        KEPT,
    ),
    guard(
        "the trail is told of issued credit notes",
        CREDITING,
        "        if record.type is DocumentType.CREDIT_NOTE:\n",
        "        if False:\n",
        KEPT,
    ),
    guard(
        "the database sees what is credited (the trigger)",
        RULES,
        "        migrations.RunSQL(CREDITED, migrations.RunSQL.noop),\n",
        "",
        BACKSTOP,
    ),
    guard(
        "the database's check holds the invoice",
        RULES,
        "WHERE tenant_id = NEW.tenant_id AND id = NEW.corrects_id FOR NO KEY UPDATE;",
        "WHERE tenant_id = NEW.tenant_id AND id = NEW.corrects_id;",
        f"{KEPT}::test_two_that_pass_the_services_by_see_each_other",
    ),
    guard(
        "the database checks the amount of each line",
        RULES,
        "NOT (invoicing_within(coalesce(taken.net, 0), line.net_amount)",
        "NOT (true",
        BACKSTOP,
    ),
    guard(
        "the database checks the quantity of each line",
        RULES,
        "AND invoicing_within(coalesce(taken.quantity, 0), line.quantity))",
        "AND true)",
        BACKSTOP,
    ),
    guard(
        "the database checks that lines are the invoice's",
        RULES,
        "part.invoice_id = NEW.id AND line.id IS NULL",
        "part.invoice_id = NEW.id AND false",
        BACKSTOP,
    ),
    guard(
        "the database checks each tax row",
        RULES,
        "    HAVING NOT (",
        "    HAVING false AND NOT (",
        BACKSTOP,
    ),
    guard(
        "the database checks the totals",
        RULES,
        "        excess := 'totals';\n",
        "        NULL;\n",
        BACKSTOP,
    ),
    guard(
        "the database checks parties and currency",
        RULES,
        "        excess := 'parties and currency';\n",
        "        NULL;\n",
        BACKSTOP,
    ),
    guard(
        "a correction's number is given once",
        "invoicing/migrations/0006_corrections.py",
        'fields=("tenant", "corrects", "correction_number"),',
        'fields=("tenant", "corrects", "correction_number", "id"),',
        KEPT,
    ),
    guard(
        "voiding takes the policy of the legal entity",
        "invoicing/services/voiding.py",
        '        raise VoidingNotAllowed(way_out="cancel")\n',
        "        pass\n",
        VOIDING,
    ),
    *(
        guard(
            f"what left the house is not voided ({barrier})",
            "invoicing/services/voiding.py",
            f"return {text}",
            f"return None and {text}",
            VOIDING,
        )
        for barrier, text in (
            ("sent", '"it was sent" if'),
            ("settled", '"money or credit was allocated to it" if'),
            ("credited", '"a credit note corrects it" if'),
        )
    ),
    guard(
        "the database does not void what left the house",
        RULES,
        "        migrations.RunSQL(VOIDED, migrations.RunSQL.noop),\n",
        "",
        VOIDING,
    ),
    *(
        guard(
            f"issuing a credit note takes the right to issue ({place})",
            path,
            "ensure_capability(INVOICES_ISSUE)",
            "pass",
            f"{API}::test_drafting_a_credit_note_does_not_include_issuing_it",
        )
        for place, path in (
            ("v1", "invoicing/api/v1/credits.py"),
            ("v2", "invoicing/api/v2/credits.py"),
        )
    ),
    guard(
        "a missing number is found",
        "invoicing/statements/certificates.py",
        "FROM numbered WHERE sequence > before + 1",
        "FROM numbered WHERE false",
        CERTIFICATE,
    ),
    guard(
        "a number that stands twice is found",
        "invoicing/statements/certificates.py",
        "FROM numbered WHERE copies > 1",
        "FROM numbered WHERE false",
        CERTIFICATE,
    ),
    guard(
        "a number that was drawn and is gone is found",
        "invoicing/statements/certificates.py",
        "WHERE reached.last IS DISTINCT FROM drawn.last AND",
        "WHERE false AND",
        CERTIFICATE,
    ),
)
