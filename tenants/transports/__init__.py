"""Ways out of the house for mail: an adapter each, chosen by the setting MAIL_TRANSPORT."""
