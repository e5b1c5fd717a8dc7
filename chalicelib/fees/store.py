"""The store of fee rates, as a Protocol."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # a cold start imports all stores and uses two
    from chalicelib.fees.model import FeeTable


class Fees(Protocol):
    """The fee rates of the book. Every call may raise Unavailable."""

    def table(self) -> FeeTable:
        """Return all rates; none, with revision 0, before the first were set."""

    def replace(self, new: FeeTable, by: str, at: datetime) -> FeeTable:
        """Store a table with the next revision, with an audit entry, if the stored one has the revision of `new`.

        Nothing is written where the stored rates are the same. Raises ChangedMeanwhile if they are others, of another
        revision.
        """
