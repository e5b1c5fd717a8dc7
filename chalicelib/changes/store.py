"""The change token, as a Protocol."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Changes(Protocol):
    def note(self) -> None:
        """Record, after a write, that the book has changed.

        Never raises: a booking does not depend on it, and a page reads again every minute. Writes at most once per
        window and process.
        """

    def until(self) -> datetime | None:
        """Return the end of the last window with a change: what was read earlier may be out of date.

        None in a book without changes since the token exists. May raise Unavailable.
        """
