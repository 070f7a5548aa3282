"""How v2 shows a party. Every answer about one is built here, so that rights to its fields have one place."""

from typing import Any

from invoicing.api.v2.master_data import Json, shown
from invoicing.models.party import Party
from tenants.http.values import Body


def party_out(party: Party, stated: type[Body], **others: Any) -> Json:
    """A seller, customer or vendor with the members that `stated` names, `others` in place of some."""
    return shown(party, stated, **others)
