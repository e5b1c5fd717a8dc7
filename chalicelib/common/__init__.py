"""Shared by every noun."""
