"""What v1 takes for and shows of a party, seller or buyer."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from invoicing.api.v1.master_data import RecordSerializer, optional_text
from invoicing.domain.schedule import DueKind, Roll
from tenants.http.merge_patch import merged
from tenants.http.serializers import CleanCharField, StrictIntegerField, StrictSerializer


class DueRuleSerializer(StrictSerializer):
    """Payment terms that a due date is computed from; a month that is too short counts with its last day."""

    kind = serializers.ChoiceField(choices=[kind.value for kind in DueKind])
    days = StrictIntegerField(min_value=0, max_value=999, required=False, allow_null=True)
    months = StrictIntegerField(min_value=0, max_value=24, required=False, allow_null=True)
    day = StrictIntegerField(min_value=1, max_value=31, required=False, allow_null=True)
    roll = serializers.ChoiceField(choices=[roll.value for roll in Roll], required=False, allow_null=True)


def with_terms(
    changes: dict[str, Any], current: Mapping[str, Any] | None, member: str = "due_rule"
) -> dict[str, Any]:
    """Changes of a party in which a patch of its payment terms is merged into those it has.

    `member` names another object that is merged likewise.
    """
    stated = changes.get(member)
    return changes if stated is None else {**changes, member: merged(dict(current or {}), dict(stated))}


class PartySerializer(RecordSerializer):
    """A name and a country, an address and identifiers.

    Every answer about a party is built by one of its subclasses, so that rights to its fields have one place.
    """

    name = CleanCharField(max_length=200)
    country = CleanCharField(max_length=2, help_text="ISO 3166-1 alpha-2")
    vat_id = optional_text(30)
    registration_id = optional_text(50)
    registration_scheme = optional_text(4)
    email = optional_text(254)
    phone = optional_text(50)
    address_line = optional_text(200)
    address_extra = optional_text(200)
    address_line_3 = optional_text(200)
    postal_code = optional_text(20)
    city = optional_text(100)
    region = optional_text(100)
    electronic_address = optional_text(200)
    electronic_address_scheme = optional_text(4)
