"""Routes of `invoicing` under /api/v1."""

from django.urls import URLPattern, URLResolver

from invoicing.api.v1 import (
    allocations,
    base_currency,
    contacts,
    credits,
    customers,
    exchange_rates,
    invoice_history,
    invoices,
    item_prices,
    items,
    legal_entities,
    payments,
    period_locks,
    receivables,
    series,
    tax_rates,
    vendors,
)
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
    route("invoices/<str:invoice_id>/credit", credits.CreditInvoice.as_view(), name="v1-invoice-credit"),
    route(
        "invoices/<str:invoice_id>/creditable",
        credits.CreditableInvoice.as_view(),
        name="v1-invoice-creditable",
    ),
    route("invoices/<str:invoice_id>/cancel", credits.CancelInvoice.as_view(), name="v1-invoice-cancel"),
    route("invoices/<str:invoice_id>/void", credits.VoidInvoice.as_view(), name="v1-invoice-void"),
    route("credit-notes", credits.CreditNotes.as_view(), name="v1-credit-notes"),
    route("credit-notes/<str:invoice_id>", credits.CreditNote.as_view(), name="v1-credit-note"),
    route(
        "credit-notes/<str:invoice_id>/issue", credits.IssueCreditNote.as_view(), name="v1-credit-note-issue"
    ),
    route("customers", customers.Customers.as_view(), name="v1-customers"),
    route(
        "customers/<str:customer_id>/merge",
        customers.MergeCustomer.as_view(),
        name="v1-customer-merge",
    ),
    route("customers/<str:customer_id>", customers.Customer.as_view(), name="v1-customer"),
    route(
        "customers/<str:customer_id>/reactivate",
        customers.ReactivateCustomer.as_view(),
        name="v1-customer-reactivate",
    ),
    route("vendors", vendors.Vendors.as_view(), name="v1-vendors"),
    route(
        "vendors/<str:vendor_id>/merge",
        vendors.MergeVendor.as_view(),
        name="v1-vendor-merge",
    ),
    route("vendors/<str:vendor_id>", vendors.Vendor.as_view(), name="v1-vendor"),
    route(
        "vendors/<str:vendor_id>/reactivate",
        vendors.ReactivateVendor.as_view(),
        name="v1-vendor-reactivate",
    ),
    route("contacts", contacts.Contacts.as_view(), name="v1-contacts"),
    route("contacts/<str:contact_id>", contacts.Contact.as_view(), name="v1-contact"),
    route(
        "contacts/<str:contact_id>/reactivate",
        contacts.ReactivateContact.as_view(),
        name="v1-contact-reactivate",
    ),
    route("item-prices", item_prices.ItemPrices.as_view(), name="v1-item-prices"),
    route("item-prices/<str:item_price_id>", item_prices.ItemPrice.as_view(), name="v1-item-price"),
    route(
        "item-prices/<str:item_price_id>/reactivate",
        item_prices.ReactivateItemPrice.as_view(),
        name="v1-item-price-reactivate",
    ),
    route("items", items.Items.as_view(), name="v1-items"),
    route("items/<str:item_id>", items.Item.as_view(), name="v1-item"),
    route("items/<str:item_id>/reactivate", items.ReactivateItem.as_view(), name="v1-item-reactivate"),
    route("legal-entities", legal_entities.LegalEntities.as_view(), name="v1-legal-entities"),
    route(
        "legal-entities/<str:legal_entity_id>", legal_entities.LegalEntity.as_view(), name="v1-legal-entity"
    ),
    route(
        "legal-entities/<str:legal_entity_id>/reactivate",
        legal_entities.ReactivateLegalEntity.as_view(),
        name="v1-legal-entity-reactivate",
    ),
    route("period-locks", period_locks.PeriodLocks.as_view(), name="v1-period-locks"),
    route("period-locks/<str:period_lock_id>", period_locks.PeriodLock.as_view(), name="v1-period-lock"),
    route(
        "period-locks/<str:period_lock_id>/release",
        period_locks.ReleasePeriodLock.as_view(),
        name="v1-period-lock-release",
    ),
    route("series", series.SeriesList.as_view(), name="v1-series"),
    route("series/<str:series_id>", series.SeriesDetail.as_view(), name="v1-series-detail"),
    route(
        "series/<str:series_id>/reactivate", series.ReactivateSeries.as_view(), name="v1-series-reactivate"
    ),
    route(
        "series/<str:series_id>/certificate",
        credits.SeriesCertificate.as_view(),
        name="v1-series-certificate",
    ),
    route("tax-rates", tax_rates.TaxRates.as_view(), name="v1-tax-rates"),
    route("tax-rates/<str:tax_rate_id>", tax_rates.TaxRate.as_view(), name="v1-tax-rate"),
    route(
        "tax-rates/<str:tax_rate_id>/reactivate",
        tax_rates.ReactivateTaxRate.as_view(),
        name="v1-tax-rate-reactivate",
    ),
    route("payments", payments.Payments.as_view(), name="v1-payments"),
    route("payments/<str:payment_id>", payments.Payment.as_view(), name="v1-payment"),
    route(
        "payments/<str:payment_id>/allocate", payments.AllocatePayment.as_view(), name="v1-payment-allocate"
    ),
    route("payments/<str:payment_id>/refund", payments.RefundPayment.as_view(), name="v1-payment-refund"),
    route("payments/<str:payment_id>/return", payments.ReturnPayment.as_view(), name="v1-payment-return"),
    route("payments/<str:payment_id>/reverse", payments.ReversePayment.as_view(), name="v1-payment-reverse"),
    route("allocations", allocations.Allocations.as_view(), name="v1-allocations"),
    route("allocations/<str:allocation_id>", allocations.Allocation.as_view(), name="v1-allocation"),
    route(
        "allocations/<str:allocation_id>/reverse",
        allocations.ReverseAllocation.as_view(),
        name="v1-allocation-reverse",
    ),
    route(
        "invoices/<str:invoice_id>/write-off",
        allocations.WriteOffInvoice.as_view(),
        name="v1-invoice-write-off",
    ),
    route("invoices/<str:invoice_id>/refund", allocations.RefundCredit.as_view(), name="v1-invoice-refund"),
    route("write-offs", allocations.WriteOffs.as_view(), name="v1-write-offs"),
    route(
        "write-offs/<str:write_off_id>/reverse",
        allocations.ReverseWriteOff.as_view(),
        name="v1-write-off-reverse",
    ),
    route(
        "customers/<str:customer_id>/account",
        receivables.CustomerAccount.as_view(),
        name="v1-customer-account",
    ),
    route("statements", receivables.Statements.as_view(), name="v1-statements"),
    route("receivables", receivables.Receivables.as_view(), name="v1-receivables"),
    route("exchange-rates", exchange_rates.ExchangeRates.as_view(), name="v1-exchange-rates"),
    route(
        "exchange-rates/import",
        exchange_rates.ImportExchangeRates.as_view(),
        name="v1-exchange-rates-import",
    ),
    route(
        "exchange-rates/lookup",
        exchange_rates.LookUpExchangeRate.as_view(),
        name="v1-exchange-rates-lookup",
    ),
    route(
        "exchange-rates/<str:exchange_rate_id>",
        exchange_rates.ExchangeRate.as_view(),
        name="v1-exchange-rate",
    ),
    route("receivables/in-base", base_currency.ReceivablesInBase.as_view(), name="v1-receivables-in-base"),
    route(
        "exchange-differences",
        base_currency.ExchangeDifferences.as_view(),
        name="v1-exchange-differences",
    ),
]
