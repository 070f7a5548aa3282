"""How v2 shows a party. Every answer about one is built here, so that rights to its fields have one place."""

from typing import Any

from invoicing.api.v2.master_data import Json, shown
from invoicing.models import Partner
from invoicing.models.party import Party
from tenants import ids
from tenants.http.values import Body

# What is answered of a customer or a vendor beside what can be stated of it.
PARTNER_SHOWS: Json = {"merged_into": {"type": ["string", "null"]}}


def party_out(party: Party, stated: type[Body], **others: Any) -> Json:
    """A seller, customer or vendor with the members that `stated` names, `others` in place of some."""
    answer = shown(party, stated, **others)
    if isinstance(party, Partner):
        into = party.merged_into_id
        answer["merged_into"] = None if into is None else ids.encode(party.public_prefix, into)
    return answer
