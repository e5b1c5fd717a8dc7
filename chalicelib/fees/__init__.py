"""Fees by venue."""
