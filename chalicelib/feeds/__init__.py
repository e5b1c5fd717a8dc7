"""Which files are expected, and what arrived."""
