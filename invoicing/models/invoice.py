"""Invoices and credit notes, which EN 16931 treats as one kind of document (BT-3: 380, 381)."""

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models.functions import Mod
from django.db.models.lookups import Exact

from invoicing.domain.document import DocumentType
from invoicing.domain.lifecycle import PaymentState, State
from invoicing.domain.rounding import TaxRounding
from invoicing.models.fields import ExactDecimalField, LedgerMoment, choices
from invoicing.models.metadata import Tagged
from tenants.auditable import Auditable
from tenants.models import TenantModel, tenant_key


class Invoice(Auditable, Tagged, TenantModel):
    """A document with its totals, in major units of `currency` (BG-22).

    `allowances`, `charges` and `tax_breakdown` are value objects of the document, kept as JSON with
    numbers as text. `seller` and `buyer` are copied when the document is issued; from then on only
    payment, state and `version` change, and a trigger sees to it. A draft has no number; its
    `issue_date` is null where it shall be the day of issue. `version` counts changes (ETag).

    `due_rule` (`domain.stored.terms_to_json`) is in a draft what was stated, in an issued invoice the terms
    that gave its `due_date`, null where the date was stated.

    `settled_amount` is what allocations, refunds and write-offs come to, signed as `payable`; the balance
    is what is left. `reopened_on` is the latest day on which a settlement was taken back. `recorded_at`
    and `voided_at` are when issue and void became known, `voided_on` the day the void counts from; the
    database sets them. `sent_at` is when it first left the house.

    `further_taxes` are the rows of surcharges, which are part of `tax_total`, and of withholdings, which sum
    to `withheld_amount`. `exemptions` says why no VAT is charged (BT-120, BT-121): in a draft what was
    stated, issued whatever the law wants said. Where `prices_include_tax`, prices and what is stated on
    lines do.

    `cash_rounding` is what was stated of it, null where the legal entity's setting holds; where `payable` was
    rounded for cash it is a multiple of `cash_step` by `rounding_amount`.

    `exchange` is what it is in the tax currency and in the currency the books are kept in, with the rates,
    frozen at issue (`domain.exchange.to_json`); null where its own currency is both.

    A credit note that `corrects` an invoice (BT-25) says in `correction` what it takes of it and what was
    left before (`domain.credit_stored`); issued, it is number `correction_number` of that invoice's
    corrections, counted under the invoice's lock. `reason` is told to the buyer (BT-22).
    """

    public_prefix: ClassVar[str] = "inv"

    legal_entity = tenant_key("invoicing.LegalEntity")
    customer = tenant_key("invoicing.Customer")
    series = tenant_key("invoicing.Series")
    type = models.CharField(max_length=12, choices=choices(DocumentType))
    state = models.CharField(max_length=8, choices=choices(State), default=State.DRAFT.value)
    payment_state = models.CharField(
        max_length=14, choices=choices(PaymentState), default=PaymentState.UNPAID.value
    )
    period = models.CharField(max_length=7, null=True)
    sequence = models.PositiveBigIntegerField(null=True)
    number = models.CharField(max_length=80, null=True)
    issued_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    issue_date = models.DateField(null=True)
    due_date = models.DateField(null=True)
    payment_terms = models.CharField(max_length=500, blank=True)
    due_rule = models.JSONField(null=True)
    currency = models.CharField(max_length=3)
    tax_currency = models.CharField(max_length=3, null=True)
    tax_rounding = models.CharField(max_length=8, choices=choices(TaxRounding))
    sum_of_lines = ExactDecimalField()
    allowance_total = ExactDecimalField()
    charge_total = ExactDecimalField()
    tax_exclusive = ExactDecimalField()
    tax_total = ExactDecimalField()
    tax_inclusive = ExactDecimalField()
    prepaid_amount = ExactDecimalField()
    rounding_amount = ExactDecimalField()
    payable = ExactDecimalField()
    cash_rounding = models.BooleanField(null=True)
    cash_step = ExactDecimalField(null=True)
    prices_include_tax = models.BooleanField(default=False, db_default=False)
    withheld_amount = ExactDecimalField(default=Decimal(0), db_default=Decimal(0))
    further_taxes = models.JSONField(null=True)
    exemptions = models.JSONField(null=True)
    allowances = models.JSONField(default=list)
    charges = models.JSONField(default=list)
    tax_breakdown = models.JSONField(default=list)
    seller = models.JSONField(null=True)
    buyer = models.JSONField(null=True)
    corrects = tenant_key("invoicing.Invoice", null=True)
    correction_number = models.PositiveIntegerField(null=True)
    correction = models.JSONField(null=True)
    reason = models.CharField(max_length=500, blank=True, default="", db_default="")
    version = models.PositiveIntegerField(default=1)
    exchange = models.JSONField(null=True)
    settled_amount = ExactDecimalField(default=Decimal(0), db_default=Decimal(0))
    reopened_on = models.DateField(null=True)
    recorded_at = models.DateTimeField(db_default=LedgerMoment())
    voided_on = models.DateField(null=True)
    voided_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "series", "period", "sequence"], name="invoicing_invoice_sequence"
            ),
            models.UniqueConstraint(
                fields=["tenant", "legal_entity", "number"], name="invoicing_invoice_number"
            ),
            models.CheckConstraint(
                name="invoicing_invoice_issued_is_complete",
                condition=models.Q(state="draft", number__isnull=True, issued_at__isnull=True)
                | models.Q(
                    ~models.Q(state="draft"),
                    number__isnull=False,
                    sequence__isnull=False,
                    period__isnull=False,
                    issued_at__isnull=False,
                    issue_date__isnull=False,
                    seller__isnull=False,
                    buyer__isnull=False,
                ),
            ),
            models.UniqueConstraint(
                fields=["tenant", "corrects", "correction_number"],
                condition=models.Q(corrects__isnull=False),
                name="invoicing_invoice_correction",
            ),
            models.CheckConstraint(
                name="invoicing_invoice_corrects_as_credit_note",
                condition=models.Q(
                    corrects__isnull=True, correction_number__isnull=True, correction__isnull=True
                )
                | models.Q(type="credit_note", corrects__isnull=False, correction__isnull=False),
            ),
            # EN 16931 BR-CO-13, BR-CO-15 and BR-CO-16, which knows of no withholding.
            models.CheckConstraint(
                name="invoicing_invoice_totals",
                condition=models.Q(
                    tax_exclusive=models.F("sum_of_lines")
                    - models.F("allowance_total")
                    + models.F("charge_total"),
                    tax_inclusive=models.F("tax_exclusive") + models.F("tax_total"),
                    payable=models.F("tax_inclusive")
                    - models.F("prepaid_amount")
                    + models.F("rounding_amount")
                    - models.F("withheld_amount"),
                ),
            ),
        ]
        constraints += [
            models.CheckConstraint(
                name="invoicing_invoice_settled_within_payable",
                condition=models.Q(settled_amount=0)
                | models.Q(state="issued", settled_amount__gt=0, settled_amount__lte=models.F("payable"))
                | models.Q(state="issued", settled_amount__lt=0, settled_amount__gte=models.F("payable")),
            ),
            models.CheckConstraint(
                name="invoicing_invoice_payment_state",
                condition=models.Q(state="draft")
                | models.Q(payment_state="paid", settled_amount=models.F("payable"))
                | models.Q(
                    ~models.Q(settled_amount=models.F("payable")), payment_state="unpaid", settled_amount=0
                )
                | models.Q(
                    ~models.Q(settled_amount=models.F("payable")),
                    ~models.Q(settled_amount=0),
                    payment_state="partially_paid",
                ),
            ),
            models.CheckConstraint(
                name="invoicing_invoice_cash_step",
                condition=Exact(Mod("payable", "cash_step"), 0),
            ),
            models.CheckConstraint(
                name="invoicing_invoice_voided_when",
                condition=models.Q(state="voided", voided_on__isnull=False, voided_at__isnull=False)
                | models.Q(~models.Q(state="voided"), voided_on__isnull=True, voided_at__isnull=True),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "-issue_date", "-id"], name="invoicing_invoice_by_date"),
            models.Index(
                fields=["tenant", "customer", "-issue_date", "-id"], name="invoicing_invoice_by_buyer"
            ),
            models.Index(
                fields=["tenant", "number"],
                opclasses=["uuid_ops", "text_pattern_ops"],
                name="invoicing_invoice_by_number",
            ),
            models.Index(
                fields=["tenant", "due_date"],
                name="invoicing_invoice_open",
                condition=models.Q(state="issued") & ~models.Q(payment_state="paid"),
                include=["payable", "currency"],
            ),
        ]

    def __str__(self) -> str:
        return self.number or f"draft {self.public_id}"


class InvoiceLine(Auditable, TenantModel):
    """One line: `quantity` (BT-129) at `unit_price` (BT-146, never rounded) per `base_quantity`.

    `allowances` and `charges` are JSON value objects; `net_amount` is BT-131. A line of a credit note may
    say which line it `corrects`, and how much of that line's quantity it takes back: null is none of it.
    `further_taxes` are the surcharge and the withholdings it bears, null for neither. Where the tax was named
    by one of the tenant's rates, `catalogue_rate` is that one; `tax_category` and `tax_rate` are what it was.
    """

    public_prefix: ClassVar[str] = "iln"

    invoice = tenant_key("invoicing.Invoice", related_name="lines")
    position = models.PositiveSmallIntegerField()
    item = tenant_key("invoicing.Item", null=True)
    description = models.CharField(max_length=1000)
    quantity = ExactDecimalField()
    unit_code = models.CharField(max_length=3)
    unit_price = ExactDecimalField()
    base_quantity = ExactDecimalField()
    tax_category = models.CharField(max_length=2)
    tax_rate = ExactDecimalField(null=True)
    catalogue_rate = tenant_key("invoicing.TaxRate", null=True)
    allowances = models.JSONField(default=list)
    charges = models.JSONField(default=list)
    net_amount = ExactDecimalField()
    corrects = tenant_key("invoicing.InvoiceLine", null=True)
    corrected_quantity = ExactDecimalField(null=True)
    further_taxes = models.JSONField(null=True)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "invoice", "position"], name="invoicing_line_position")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["tenant", "corrects"],
                name="invoicing_line_corrects",
                condition=models.Q(corrects__isnull=False),
            )
        ]
