"""The product's routes, and those of the benchmarks: the peers' views and two that do nothing."""

from typing import ClassVar

from django.http.response import HttpResponseBase
from django.urls import include, path
from rest_framework.request import Request

from bench.peers import thin
from bench.peers.api import CreateInvoice, ListInvoices
from tenants.http.permissions import SIGNED_IN
from tenants.http.rendering import JSONBytes
from tenants.http.versions import V2View


class Nothing(V2View):
    """Answers whoever is logged in."""

    capability: ClassVar = SIGNED_IN

    def get(self, request: Request) -> HttpResponseBase:
        return JSONBytes(b"{}")


class NothingForAnybody(Nothing):
    """The same without asking who calls."""

    public = True
    authentication_classes = ()


urlpatterns = [
    path("", include("config.urls")),
    path("api/v2/bench/nothing", Nothing.as_view()),
    path("api/v2/bench/nothing-for-anybody", NothingForAnybody.as_view()),
    path("bench/invoices/create", CreateInvoice.as_view()),
    path("bench/invoices", ListInvoices.as_view()),
    path("bench/thin/create", thin.create),
    path("bench/thin/list", thin.listing),
]
