"""Two companies to look around in: people in every role, a catalogue, documents in every state.

Written through the services a user would go through, so that nothing in it could not have been
entered by hand. Not for an installation that serves anybody: the passwords are public.
"""

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from invoicing.domain.credit_request import Asked, CreditKind, LineAsked
from invoicing.domain.document import AllowanceCharge, DocumentInput, DocumentType, LineInput, TaxKey
from invoicing.domain.record import Draft, DraftLine, InvoiceRecord
from invoicing.domain.totals import compute
from invoicing.models import Customer, Item
from invoicing.selectors.catalogue import list_items
from invoicing.selectors.invoice_lists import InvoiceFilter, list_invoices
from invoicing.selectors.parties import list_customers, list_legal_entities
from invoicing.services.creating import create_invoices
from invoicing.services.crediting import Credit, cancel_invoice, credit_invoice
from invoicing.services.customers import create_customer
from invoicing.services.items import create_item
from invoicing.services.legal_entities import LegalEntityFields, create_legal_entity
from invoicing.services.tax_rates import create_tax_rate
from invoicing.services.voiding import void_invoice
from invoicing.workflows.demo_ledger import post_payments
from tenants import scope
from tenants.actors import Actor
from tenants.capabilities import INVOICES_WRITE_OFF
from tenants.selectors.members import members
from tenants.selectors.tenants import resolve_tenant
from tenants.services.members import add_member
from tenants.services.onboarding import onboard_tenant

PASSWORD = "quittance-demo"  # noqa: S105 -- public, and refused with DEBUG off
PEOPLE = (
    ("ada", "Ada Admin", "admin"),
    ("alan", "Alan Admin", "admin"),
    ("edith", "Edith Editor", "editor"),
    ("victor", "Victor Viewer", "viewer"),
    ("audrey", "Audrey Auditor", "auditor"),
)
CUSTOMERS = (
    ("Bakkerij de Molen B.V.", "NL", "Utrecht"),
    ("Atelier Lumière SARL", "FR", "Lyon"),
    ("Hafenkontor GmbH", "DE", "Hamburg"),
    ("Nordlys Design A/S", "DK", "Aarhus"),
    ("Olivar del Sur S.L.", "ES", "Sevilla"),
    ("Brouwerij Sint-Anna N.V.", "BE", "Gent"),
    ("Alpenholz GmbH", "AT", "Innsbruck"),
    ("Officina Bianchi S.r.l.", "IT", "Torino"),
)
ITEMS = (
    ("DEV", "Software development", "HUR", "120.00"),
    ("OPS", "Operation and monitoring", "MON", "450.00"),
    ("DOC", "Technical writing", "HUR", "85.50"),
    ("TRN", "Training, per participant", "C62", "290.00"),
    ("LIC", "Licence, per seat and month", "C62", "12.3400"),
    ("KWH", "Energy", "KWH", "0.31275"),
)
DOCUMENTS = 36


@dataclass(frozen=True, slots=True)
class Company:
    """What tells the demo's companies apart."""

    slug: str
    name: str
    time_zone: str
    seller: LegalEntityFields
    standard_rate: Decimal
    reduced_rate: Decimal


COMPANIES = (
    Company(
        slug="acme",
        name="Acme",
        time_zone="Europe/Berlin",
        seller={
            "name": "Acme Werke GmbH",
            "country": "DE",
            "vat_id": "DE136695976",
            "address_line": "Musterstraße 1",
            "postal_code": "10115",
            "city": "Berlin",
            "email": "billing@acme.example",
            "currency": "EUR",
            "iban": "DE89370400440532013000",
            "may_void": True,
            "write_off_limit": Decimal(5),
        },
        standard_rate=Decimal(19),
        reduced_rate=Decimal(7),
    ),
    Company(
        slug="globex",
        name="Globex",
        time_zone="Europe/Paris",
        seller={
            "name": "Globex France SAS",
            "country": "FR",
            "vat_id": "FR40303265045",
            "address_line": "1, rue de l'Exemple",
            "postal_code": "75002",
            "city": "Paris",
            "email": "facturation@globex.example",
            "currency": "EUR",
            "iban": "FR1420041010050500013M02606",
            "may_void": True,
            "write_off_limit": Decimal(5),
        },
        standard_rate=Decimal(20),
        reduced_rate=Decimal("5.5"),
    ),
)


def seed() -> dict[str, Any]:
    """Make the companies that are not there yet and tell how to log in.

    Answers `{"tenants": [{"slug", "name", "users": [{"username", "password", "role"}]}]}`. A company
    whose making was cut short is completed. Raises ImproperlyConfigured unless DEBUG is on.
    """
    if not settings.DEBUG:
        raise ImproperlyConfigured("Demo data has public passwords: it is made with DEBUG on only.")
    for company in COMPANIES:
        tenant_id = _tenant_of(company)
        # What is given up as lost is above every limit.
        actor = replace(Actor.system("demo"), capabilities=frozenset({INVOICES_WRITE_OFF}))
        with scope.enter(scope.Scope(tenant_id, actor, request_id="demo")):
            _complete(company)
    users = [{"username": name, "password": PASSWORD, "role": role} for name, _, role in PEOPLE]
    return {
        "tenants": [{"slug": company.slug, "name": company.name, "users": users} for company in COMPANIES]
    }


def _tenant_of(company: Company) -> UUID:
    known = resolve_tenant(slug=company.slug)
    if known is not None:
        return known.id
    return onboard_tenant(slug=company.slug, name=company.name, time_zone=company.time_zone).id


def _complete(company: Company) -> None:
    known = {member.username for member in members()}
    for username, name, role in PEOPLE:
        if username not in known:
            email = f"{username}@{company.slug}.example"
            add_member(username=username, role=role, name=name, email=email, password=PASSWORD)
    if not list_legal_entities().exists():
        create_legal_entity(**company.seller)
        _make_catalogue(company)
    if not list_invoices(filters=InvoiceFilter(), limit=1):
        _make_documents(company)


def _make_catalogue(company: Company) -> None:
    country = company.seller["country"]
    create_tax_rate(name="Standard", category="S", rate=company.standard_rate, country=country)
    create_tax_rate(name="Reduced", category="S", rate=company.reduced_rate, country=country)
    create_tax_rate(name="Reverse charge", category="AE", rate=Decimal(0), country=country)
    for place, (name, country_code, city) in enumerate(CUSTOMERS, start=1):
        create_customer(name=name, country=country_code, city=city, reference=f"C-{place:03}")
    for code, name, unit, price in ITEMS:
        tax = TaxKey("S", company.standard_rate)
        create_item(code=code, name=name, unit_code=unit, unit_price=Decimal(price), tax=tax)


def _make_documents(company: Company) -> None:
    """Drafts, open, overdue and settled invoices, credit notes and payments, over the last four months."""
    chance = random.Random(company.slug)
    today = timezone.localdate()
    customers = list(list_customers())
    items = list(list_items())
    days = sorted(today - timedelta(days=chance.randrange(120)) for _ in range(DOCUMENTS))
    drafts = [_draft(company, chance, chance.choice(customers), items, day) for day in days]
    settled = {place for place in range(DOCUMENTS) if place % 5 == 0}
    issued = create_invoices(
        drafts=[_prepaid(draft) if place in settled else draft for place, draft in enumerate(drafts)],
        issue=True,
    )
    open_invoices = [record for place, record in enumerate(issued) if place not in settled]
    _correct(open_invoices)
    post_payments(open_invoices)
    returned = [replace(draft, document=_taken_back(draft.document)) for draft in drafts[::12]]
    create_invoices(drafts=[replace(draft, issue_date=today) for draft in returned], issue=True)
    create_invoices(drafts=[_draft(company, chance, chance.choice(customers), items, None) for _ in range(4)])


def _correct(open_invoices: list[InvoiceRecord]) -> None:
    """Of the latest invoices one is void, and others are credited in each way there is."""
    void, cancelled, returned, cheaper, goodwill, drafted = open_invoices[-6:]
    void_invoice(invoice_id=void.id, reason="Issued twice by mistake; the customer never got it")
    cancel_invoice(invoice_id=cancelled.id, reason="Order cancelled before delivery")
    first = returned.lines[0]
    piece = LineAsked(first.id, quantity=min(Decimal(1), first.input.quantity))
    _credit(returned, Asked(CreditKind.LINES, (piece,)), "One piece came back")
    line = cheaper.lines[0]
    lower = LineAsked(line.id, unit_price=line.input.unit_price / 2)
    _credit(cheaper, Asked(CreditKind.LINES, (lower,)), "Price as agreed in the framework contract")
    _credit(goodwill, Asked(CreditKind.AMOUNT, amount=Decimal(25)), "Goodwill for the late delivery")
    _credit(drafted, Asked(CreditKind.AMOUNT, amount=Decimal(10)), "To be decided", issue=False)


def _credit(invoice: InvoiceRecord, asked: Asked, reason: str, *, issue: bool = True) -> None:
    credit_invoice(invoice_id=invoice.id, credit=Credit(asked, reason), issue=issue)


def _draft(
    company: Company, chance: random.Random, customer: Customer, items: list[Item], day: date | None
) -> Draft:
    chosen = chance.sample(items, chance.randint(1, 4))
    lines = tuple(_line(company, chance, item) for item in chosen)
    allowances: tuple[AllowanceCharge, ...] = ()
    if chance.random() < 0.25:
        allowances = (AllowanceCharge(percent=Decimal(5), tax=lines[0].tax, reason="Loyalty discount"),)
    return Draft(
        customer=customer.id,
        document=DocumentInput(currency="EUR", lines=lines, allowances=allowances),
        lines=tuple(DraftLine(item.name, item.unit_code, item.id) for item in chosen),
        issue_date=day,
        payment_terms="Net 30 days",
    )


def _line(company: Company, chance: random.Random, item: Item) -> LineInput:
    quantity = Decimal(chance.randint(1, 40))
    if item.unit_code == "KWH":
        quantity = Decimal(chance.randint(1000, 90000)) / 10
    rate = company.reduced_rate if item.code == "DOC" else company.standard_rate
    return LineInput(quantity=quantity, unit_price=item.unit_price, tax=TaxKey("S", rate))


def _prepaid(draft: Draft) -> Draft:
    paid = compute(draft.document).totals.tax_inclusive
    return replace(draft, document=replace(draft.document, prepaid_amount=paid))


def _taken_back(document: DocumentInput) -> DocumentInput:
    return replace(document, type=DocumentType.CREDIT_NOTE)
