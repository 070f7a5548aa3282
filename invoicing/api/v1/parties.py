"""What v1 takes for and shows of a party, seller or buyer."""

from invoicing.api.v1.master_data import RecordSerializer, optional_text
from tenants.http.serializers import CleanCharField


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
