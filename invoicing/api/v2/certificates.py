"""v2 of the certificate of a series' numbers."""

from typing import ClassVar

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from msgspec.json import encode
from msgspec.structs import replace
from rest_framework.request import Request

from invoicing.api.v2 import credit_schema as schema
from invoicing.api.v2.credit_out import certificate_out
from invoicing.api.v2.invoice_query import CertificateQuery
from invoicing.selectors.certificates import certificate_of
from tenants import ids
from tenants.capabilities import INVOICES_READ
from tenants.http.pagination import decode_cursor, encode_cursor
from tenants.http.query import parse_query
from tenants.http.rendering import JSONBytes
from tenants.http.versions import V2View

_LISTING = "series-certificate"


class SeriesCertificate(V2View):
    """Each number of a period with its document, and whether one is missing."""

    capability: ClassVar = {"GET": INVOICES_READ}

    @extend_schema(**schema.CERTIFICATE)
    def get(self, request: Request, series_id: str) -> HttpResponseBase:
        query = parse_query(request.query_params, CertificateQuery)
        after = decode_cursor(_LISTING, query.cursor, tuple[int])[0] if query.cursor else 0
        certificate = certificate_of(
            series_id=ids.decode("ser", series_id),
            period=query.period,
            limit=query.size + 1,
            after=after,
        )
        answer = certificate_out(certificate, next_cursor=None)
        if len(answer.data) > query.size:
            shown = answer.data[: query.size]
            cursor = encode_cursor(_LISTING, (shown[-1].sequence,))
            answer = replace(answer, data=shown, next_cursor=cursor, has_more=True)
        return JSONBytes(encode(answer))
