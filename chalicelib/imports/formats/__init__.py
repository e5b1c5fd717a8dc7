"""Formats of files: pure functions from bytes to trades and prices, recognised by content."""
