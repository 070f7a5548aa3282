"""Logging in through directories: a real slapd, and what of other vendors can be shown on the wire."""
