"""Reference prices."""
