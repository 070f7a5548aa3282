"""Routes of `invoicing` under /api/v1."""

from django.urls import URLPattern, URLResolver

from invoicing.api.v1 import invoice_history, invoices
from tenants.http.routes import route

urlpatterns: list[URLPattern | URLResolver] = [
    route("invoices", invoices.Invoices.as_view(), name="v1-invoices"),
    route("invoices/calculate", invoices.Calculate.as_view(), name="v1-invoices-calculate"),
    route("invoices/<str:invoice_id>", invoices.Invoice.as_view(), name="v1-invoice"),
    route("invoices/<str:invoice_id>/issue", invoices.IssueInvoice.as_view(), name="v1-invoice-issue"),
    route("invoices/<str:invoice_id>/explain", invoices.ExplainInvoice.as_view(), name="v1-invoice-explain"),
    route(
        "invoices/<str:invoice_id>/history",
        invoice_history.InvoiceHistory.as_view(),
        name="v1-invoice-history",
    ),
]
