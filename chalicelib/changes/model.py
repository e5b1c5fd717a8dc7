"""The windows of the change token."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from chalicelib.common.timestamps import EPOCH

TOKEN_KEY: Final = ("book", "changes")
"""Of the token in the table `files`."""
WINDOW: Final = timedelta(seconds=2)


def end_of_window(now: datetime) -> datetime:
    """Return the end of the window that contains `now`: a read that begins then or later shows every change in it."""
    return EPOCH + ((now - EPOCH) // WINDOW + 1) * WINDOW
