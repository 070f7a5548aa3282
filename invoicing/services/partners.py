"""What holds for customers and vendors alike: where money and goods go, how they are told apart."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, TypedDict, TypeVar
from uuid import UUID

from invoicing.domain import identifiers
from invoicing.domain.identifiers import BadIdentifier
from invoicing.models import DELIVERY_FIELDS, Partner
from invoicing.services.master_data import Rule, lock, lock_active, refusing, settle, store, switch
from invoicing.services.parties import PartyFields, faults_of, rules_of, settled_terms
from tenants.errors import DomainError, FieldError, Kind

P = TypeVar("P", bound=Partner)
MOST_BANK_ACCOUNTS = 20


class ReferenceTaken(DomainError):
    """Another party of this kind, perhaps a deactivated one, has this reference."""

    kind, code = Kind.CONFLICT, "reference-taken"


class MergedAlready(DomainError):
    """The party was merged into another one before: that one stands for it now."""

    kind, code = Kind.CONFLICT, "merged-already"


class BankAccountFields(TypedDict):
    """An account money goes to: `iban` must be given, `bic` and the holder's `name` may be."""

    iban: str
    bic: str | None
    name: str | None


class PartnerFields(PartyFields, total=False):
    """What can be said of a customer or a vendor; `name` and `country` must be.

    `delivery_address` has the members of `invoicing.models.DELIVERY_FIELDS`, of which `country` must be
    given; None is none.
    """

    reference: str | None
    currency: str | None
    language: str | None
    payment_days: int | None
    due_rule: dict[str, Any] | None
    tax_treatment: str | None
    delivery_address: dict[str, str | None] | None
    bank_accounts: list[BankAccountFields] | None
    metadata: Mapping[str, str] | None


def create_partner(*, row: P, fields: Mapping[str, Any], settled: Callable[[P], None]) -> P:
    """Store a new party. Raises InvalidInput with every fault, ReferenceTaken."""
    with _refusing(type(row)):
        return store(row=row, fields=fields, settled=settled)


def update_partner(
    *,
    model: type[P],
    record_id: UUID,
    expected_version: int | None,
    changes: Mapping[str, Any],
    settled: Callable[[P], None],
) -> P:
    """Change what is named. Raises NotFound, ChangedMeanwhile, Deactivated, InvalidInput, ReferenceTaken."""
    row = lock_active(model=model, record_id=record_id, expected_version=expected_version)
    with _refusing(model):
        return store(row=row, fields=changes, settled=settled)


def reactivate_partner(*, model: type[P], record_id: UUID) -> P:
    """Take a party into use again; without effect on an active one. Raises NotFound, MergedAlready."""
    row = lock(model=model, record_id=record_id)
    if row.merged_into_id is not None:
        raise MergedAlready
    return switch(row=row, is_active=True)


def _refusing(model: type[Partner]) -> AbstractContextManager[None]:
    constraint = f"invoicing_{model._meta.model_name}_reference"
    return refusing(**{constraint: ReferenceTaken(pointer="/reference")})


def settle_partner(partner: Partner, *, faults: Sequence[FieldError] = ()) -> None:
    """Bring every column into its normal spelling. Raises InvalidInput with every fault, `faults` too."""
    found = [*faults_of(party=partner), *faults]
    partner.due_rule = settled_terms(partner.due_rule, found)
    partner.bank_accounts = _bank_accounts(partner.bank_accounts, found)
    if partner.delivery_address is not None:
        partner.delivery_address = _delivery_address(partner.delivery_address, found)
    rules = {
        **rules_of(party=partner),
        "currency": identifiers.checked_currency,
        "language": identifiers.checked_language,
    }
    settle(row=partner, rules=rules, faults=found)


def _bank_accounts(given: Sequence[Mapping[str, Any]], faults: list[FieldError]) -> list[dict[str, Any]]:
    if len(given) > MOST_BANK_ACCOUNTS:
        detail = f"Expected at most {MOST_BANK_ACCOUNTS} bank accounts."
        faults.append(FieldError("/bank_accounts", "too-many", detail))
    rules: dict[str, Rule] = {"iban": identifiers.checked_iban, "bic": identifiers.checked_bic}
    accounts: list[dict[str, Any]] = []
    for position, account in enumerate(given):
        place = f"/bank_accounts/{position}"
        settled = _settled(account, ("iban", "bic", "name"), rules, place, faults)
        if not account.get("iban"):
            faults.append(FieldError(f"{place}/iban", "missing", "This field is required."))
        elif settled["iban"] in [other["iban"] for other in accounts]:
            faults.append(FieldError(f"{place}/iban", "repeated", "The account is named before."))
        accounts.append(settled)
    return accounts


def _delivery_address(given: Mapping[str, Any], faults: list[FieldError]) -> dict[str, Any]:
    """EN 16931 wants a country with each address of a delivery (BR-57)."""
    rules: dict[str, Rule] = {
        "country": identifiers.checked_country,
        "location_scheme": identifiers.checked_register,
        "location_id": partial(identifiers.checked_in_scheme, scheme=given.get("location_scheme") or ""),
    }
    place = "/delivery_address"
    if not given.get("country"):
        faults.append(FieldError(f"{place}/country", "missing", "This field is required."))
    if given.get("location_scheme") and not given.get("location_id"):
        faults.append(FieldError(f"{place}/location_id", "missing", "This field is required."))
    return _settled(given, DELIVERY_FIELDS, rules, place, faults)


def _settled(
    given: Mapping[str, Any],
    names: Sequence[str],
    rules: Mapping[str, Rule],
    place: str,
    faults: list[FieldError],
) -> dict[str, Any]:
    """The named members in their normal spelling, None where empty or at fault."""
    settled: dict[str, Any] = dict.fromkeys(names)
    for name in names:
        text = given.get(name)
        if not text:
            continue
        try:
            settled[name] = rules[name](text) if name in rules else text
        except BadIdentifier as error:
            faults.append(FieldError(f"{place}/{name}", error.code, str(error)))
    return settled
