"""The connection to AWS."""
