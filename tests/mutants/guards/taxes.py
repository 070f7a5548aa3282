"""The guards of included tax, further taxes and exemptions."""

from tests.mutants.guard import guard

DOMAIN = "tests/invoicing/domain"
INCLUDED = f"{DOMAIN}/test_included.py"
CASH = f"{DOMAIN}/test_cash.py"
FURTHER = f"{DOMAIN}/test_further.py"
EXEMPTIONS = f"{DOMAIN}/test_exemptions.py"
API = "tests/invoicing/api/test_taxes.py"
PARTITIONS = "tests/invoicing/credits/test_partitions.py"


TAXES = (
    guard(
        "a tie of cash rounding goes away from zero",
        "invoicing/domain/cash.py",
        "if over * 2 >= step else",
        "if over * 2 > step else",
        CASH,
    ),
    guard(
        "what is prepaid and withheld comes off before cash rounding",
        "invoicing/domain/totals.py",
        "cash.rounding_of(due, cash_step",
        "cash.rounding_of(tax_inclusive, cash_step",
        CASH,
    ),
    guard(
        "a rounding amount is not stated beside cash rounding",
        "invoicing/domain/cash.py",
        "    if document.rounding_amount and",
        "    if False and",
        CASH,
    ),
    guard(
        "a payable amount that is rounded for cash is a multiple of its step (check)",
        "invoicing/migrations/0022_cash_rounding.py",
        'Exact(Mod("payable", "cash_step"), 0)',
        'Exact(Mod("cash_step", "cash_step"), 0)',
        "tests/invoicing/api/test_cash_rounding.py",
    ),
    guard(
        "what was entered with tax is what is paid (largest remainder)",
        "invoicing/domain/included.py",
        "    for place in by_remainder[:missing]:\n        units[place] += 1\n",
        "",
        INCLUDED,
    ),
    guard(
        "the residual goes to the largest remainder",
        "invoicing/domain/included.py",
        "key=lambda place: (units[place] - exact[place], place)",
        "key=lambda place: place",
        INCLUDED,
    ),
    guard(
        "a surcharge is part of the tax total",
        "invoicing/domain/totals.py",
        " + _sum_of(further, FurtherKind.SURCHARGE)",
        "",
        FURTHER,
    ),
    guard(
        "what is withheld is not payable",
        "invoicing/domain/totals.py",
        "due = tax_inclusive - prepaid - withheld",
        "due = tax_inclusive - prepaid",
        FURTHER,
    ),
    guard(
        "a surcharge stands beside VAT",
        "invoicing/domain/validation.py",
        'if tax.category != "S" or not tax.rate:',
        "if False:",
        FURTHER,
    ),
    guard(
        "each tax is withheld once",
        "invoicing/domain/validation.py",
        "if withheld.code in seen:",
        "if False:",
        FURTHER,
    ),
    guard(
        "credit notes sum to each surcharge and withholding",
        "invoicing/domain/credit_further.py",
        "tax = part_of(stands.tax, own=own, ideal_rest=(stands.taxable - taxable[key]) * rate)",
        "tax = own",
        PARTITIONS,
    ),
    guard(
        "nobody withholds more than the total",
        "invoicing/domain/totals.py",
        "if not lowest <= totals.withheld_amount <= highest:",
        "if False:",
        FURTHER,
    ),
    guard(
        "a credit note does not withhold more than it gives back",
        "invoicing/domain/crediting.py",
        "if gross < 0 or due < 0:",
        "if gross < 0:",
        PARTITIONS,
    ),
    guard(
        "a reverse charge names its parties",
        "invoicing/domain/exemptions.py",
        "        _ensure_parties(categories, seller, buyer)\n",
        "        pass\n",
        EXEMPTIONS,
        API,
    ),
    guard(
        "a stated reason goes before the rule",
        "invoicing/domain/exemptions.py",
        "given.get(category) or _by_rule(category, seller)",
        "_by_rule(category, seller)",
        EXEMPTIONS,
    ),
    guard(
        "a draft that is issued later says why it bears no VAT",
        "invoicing/services/freezing.py",
        "exemptions=exemptions_to_json(exemptions),",
        "exemptions=exemptions_to_json(record.exemptions),",
        API,
    ),
    guard(
        "a credit note repeats the reasons of its invoice",
        "invoicing/services/crediting.py",
        "        exemptions=_reasons(invoice, stated),\n",
        "",
        API,
    ),
)
