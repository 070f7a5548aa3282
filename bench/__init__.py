"""Measurements of the hot paths: ours, the limit and the plain form side by side, from one run."""
