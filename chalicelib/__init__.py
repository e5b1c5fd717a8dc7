"""Voltbook's own code; `app.py` and `functions/` connect it to AWS."""

import gc

__version__ = "1.0.0"

# Before anything else is imported: with the default of 700 objects, collections took a tenth of a cold start, and
# reference counts free nearly everything.
gc.set_threshold(50_000, 20, 100)
