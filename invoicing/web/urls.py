"""Pages of `invoicing`."""

from django.urls import URLPattern, URLResolver

from invoicing.web.credit import CancelInvoice, CreditPage, IssueDraft, VoidInvoice
from invoicing.web.invoice import InvoicePage
from invoicing.web.invoices import InvoiceList
from tenants.capabilities import INVOICES_READ
from tenants.http.routes import route
from tenants.web import navigation

navigation.register(navigation.Entry("Invoices", "page-invoices", INVOICES_READ))

urlpatterns: list[URLPattern | URLResolver] = [
    route("invoices", InvoiceList.as_view(), name="page-invoices"),
    route("invoices/<str:invoice_id>", InvoicePage.as_view(), name="page-invoice"),
    route("invoices/<str:invoice_id>/credit", CreditPage.as_view(), name="page-invoice-credit"),
    route("invoices/<str:invoice_id>/cancel", CancelInvoice.as_view(), name="page-invoice-cancel"),
    route("invoices/<str:invoice_id>/void", VoidInvoice.as_view(), name="page-invoice-void"),
    route("invoices/<str:invoice_id>/issue", IssueDraft.as_view(), name="page-invoice-issue"),
]
