"""Pages of `invoicing`."""

from django.urls import URLPattern, URLResolver

from invoicing.web.invoice import InvoicePage
from invoicing.web.invoices import InvoiceList
from tenants.capabilities import INVOICES_READ
from tenants.http.routes import route
from tenants.web import navigation

navigation.register(navigation.Entry("Invoices", "page-invoices", INVOICES_READ))

urlpatterns: list[URLPattern | URLResolver] = [
    route("invoices", InvoiceList.as_view(), name="page-invoices"),
    route("invoices/<str:invoice_id>", InvoicePage.as_view(), name="page-invoice"),
]
