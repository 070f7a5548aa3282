"""What a draft refers to, found and checked, and where its number and dates will stand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from invoicing.domain import cash, schedule
from invoicing.domain.numbering import NumberShape, Reset, period_of, shape_of
from invoicing.domain.record import Draft
from invoicing.domain.rounding import TaxRounding
from invoicing.domain.schedule import DueRule
from invoicing.domain.stored import terms_from_json
from invoicing.domain.working_days import is_working_day
from invoicing.statements import merging
from invoicing.statements.drafting import Setting, Wanted, settings_of
from tenants.errors import FieldError, InvalidInput
from tenants.scope import require_tenant_id


@dataclass(frozen=True, slots=True)
class Resolved:
    """The rows a draft refers to, defaults filled in; `due_rule`, or `payment_days`, are the
    payment terms of the customer or, where that one has none, of the seller.

    `base_currency` is what the seller keeps its books in.
    `is_limited` where the customer has a credit limit.
    """

    customer: UUID
    is_limited: bool
    legal_entity: UUID
    series: UUID
    tax_rounding: TaxRounding
    cash_steps: cash.Steps
    pattern: str
    reset: Reset
    payment_days: int
    base_currency: str
    base_rate_required: bool
    due_rule: DueRule | None
    time_zone: ZoneInfo
    seller: dict[str, Any]
    buyer: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Placement:
    """The dates of a document and the counter and shape of its number.

    `issue_date` is None for a draft that takes the day of issue; its shape is then that of today.
    `due_date` is None for a draft that takes the one its payment terms lead to. `due_rule` is the one
    that was stated, and at issue the one that gave the due date.
    """

    issue_date: date | None
    due_date: date | None
    due_rule: DueRule | None
    period: str
    shape: NumberShape


def resolve(drafts: Sequence[Draft]) -> list[Resolved]:
    """The references of any number of drafts, in their order, with one statement.

    Raises InvalidInput for those that lead nowhere, another tenant's and inactive ones among them.
    """
    wanted = [
        Wanted(draft.customer, draft.legal_entity, draft.series, draft.document.type.value)
        for draft in drafts
    ]
    items = {line.item for draft in drafts for line in draft.lines if line.item is not None}
    settings = settings_of(tenant_id=require_tenant_id(), wanted=wanted, items=list(items))
    if any(setting.customer is None for setting in settings):
        # Perhaps an alias: only who would be refused pays for the question.
        wanted = _of_survivors(wanted)
        settings = settings_of(tenant_id=require_tenant_id(), wanted=wanted, items=list(items))
    return [_resolved(draft, setting) for draft, setting in zip(drafts, settings, strict=True)]


def _of_survivors(wanted: Sequence[Wanted]) -> list[Wanted]:
    """The same for the customers that those stand for that were merged."""
    customers = [each.customer for each in wanted]
    stands = merging.survivors_of(tenant_id=require_tenant_id(), customers=customers)
    return [
        Wanted(stands.get(each.customer, each.customer), each.legal_entity, each.series, each.document_type)
        for each in wanted
    ]


def resolve_correction(draft: Draft, *, seller: dict[str, Any], buyer: dict[str, Any]) -> Resolved:
    """The same for a credit note of an invoice, whose parties are those of the invoice.

    A buyer who was deactivated since can still be credited. Raises InvalidInput for a series, or a legal
    entity, that cannot be used.
    """
    wanted = Wanted(draft.customer, draft.legal_entity, draft.series, draft.document.type.value)
    (setting,) = settings_of(tenant_id=require_tenant_id(), wanted=[wanted], items=[])
    setting = setting._replace(customer=draft.customer, seller=seller, buyer=buyer)
    return _resolved(draft, setting)


def place(draft: Draft, resolved: Resolved, *, now: datetime, issue: bool) -> Placement:
    """Dates and numbering of a draft at `now`; "today" is the tenant's. Raises DueBeforeIssue.

    Raises DueDateOutOfRange, too, for a draft that could not be issued for that.
    """
    today = now.astimezone(resolved.time_zone).date()
    issue_date = draft.issue_date or (today if issue else None)
    due_date, due_rule = draft.due_date, draft.due_rule
    if issue_date is not None:
        terms = due_rule or resolved.due_rule
        due = schedule.due_when_issued(
            draft.document.type,
            issue_date,
            stated=due_date,
            terms=terms or DueRule(days=resolved.payment_days),
            is_working=partial(is_working_day, resolved.seller["country"]),
        )
        # A draft keeps what was stated: its customer and its issue date may still change.
        if issue:
            due_date, due_rule = due, terms if due != due_date else None
    numbered_on = issue_date or today
    return Placement(
        issue_date=issue_date,
        due_date=due_date,
        due_rule=due_rule,
        period=period_of(resolved.reset, numbered_on),
        shape=shape_of(resolved.pattern, numbered_on),
    )


def _resolved(draft: Draft, setting: Setting) -> Resolved:
    customer, seller = setting.customer, setting.legal_entity
    if customer is None or seller is None or setting.series is None or setting.unknown_items:
        raise InvalidInput(list(_dead_references(draft, setting)))
    days = setting.customer_payment_days
    return Resolved(
        customer=customer,
        is_limited=setting.customer_is_limited,
        legal_entity=seller,
        series=setting.series,
        tax_rounding=TaxRounding(setting.tax_rounding),
        cash_steps=cash.steps_from_json(setting.cash_rounding),
        pattern=setting.pattern,
        reset=Reset(setting.reset),
        payment_days=setting.payment_days if days is None else days,
        base_currency=setting.base_currency,
        base_rate_required=setting.base_rate_required,
        due_rule=terms_from_json(setting.customer_due_rule or (setting.due_rule if days is None else None)),
        time_zone=ZoneInfo(setting.time_zone),
        seller=setting.seller,
        buyer=setting.buyer,
    )


def _dead_references(draft: Draft, setting: Setting) -> Iterator[FieldError]:
    if setting.customer is None:
        yield FieldError("/customer", "unknown-reference", "There is no such customer.")
    if setting.legal_entity is None:
        detail = "There is no such legal entity."
        if draft.legal_entity is None:
            detail = "The tenant has no default legal entity: name one."
        yield FieldError("/legal_entity", "unknown-reference", detail)
    elif setting.series is None:
        detail = "The legal entity has no such series for this type of document."
        if draft.series is None:
            detail = "The legal entity has no default series for this type of document: name one."
        yield FieldError("/series", "unknown-reference", detail)
    unknown = set(setting.unknown_items or ())
    for position, line in enumerate(draft.lines):
        if line.item in unknown:
            yield FieldError(f"/lines/{position}/item", "unknown-reference", "There is no such item.")
