"""Routes of `invoicing` under /api/v2."""

from django.urls import URLPattern, URLResolver

from invoicing.api.v2 import invoice_history, invoices
from tenants.http.routes import route

urlpatterns: list[URLPattern | URLResolver] = [
    route("invoices", invoices.Invoices.as_view(), name="v2-invoices"),
    route("invoices/calculate", invoices.Calculate.as_view(), name="v2-invoices-calculate"),
    route("invoices/<str:invoice_id>", invoices.Invoice.as_view(), name="v2-invoice"),
    route("invoices/<str:invoice_id>/issue", invoices.IssueInvoice.as_view(), name="v2-invoice-issue"),
    route("invoices/<str:invoice_id>/explain", invoices.ExplainInvoice.as_view(), name="v2-invoice-explain"),
    route(
        "invoices/<str:invoice_id>/history",
        invoice_history.InvoiceHistory.as_view(),
        name="v2-invoice-history",
    ),
]
