"""The morning mail."""
