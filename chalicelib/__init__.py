"""Voltbook's own code; `app.py` and `functions/` only wire it to AWS."""

__version__ = "0.1.0"
