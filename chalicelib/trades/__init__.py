"""The book of trades."""
