"""Invoicing: the receivables ledger, from the arithmetic of one line to the numbered document."""
