"""Credit notes against an invoice, voiding, and the certificate of numbers."""
