"""Sequences of transactions of the trail."""
