"""What the book holds of a trade: its terms, which word on it this is, and who said so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from chalicelib.domain.position import NO_CHANGE, Change, trade_change
from chalicelib.domain.trade import Trade


@dataclass(frozen=True, slots=True)
class Posted:
    """Said over HTTP or at the command line, by this user."""

    user: str

    def as_json(self) -> dict[str, object]:
        """Give the source as the API and the CLI show it."""
        return {"user": self.user}


@dataclass(frozen=True, slots=True)
class FromFile:
    """Said by the exchange: the version of the daily file and the line in it (the header is line 1)."""

    file_day: date
    version: int
    line: int

    def as_json(self) -> dict[str, object]:
        """Give the source as the API and the CLI show it."""
        return {"file_day": self.file_day.isoformat(), "version": self.version, "line": self.line}

    def same_version(self, other: Source) -> bool:
        """Tell whether the other word stands in the very same version of the same file."""
        return isinstance(other, FromFile) and (other.file_day, other.version) == (
            self.file_day,
            self.version,
        )

    def of_an_earlier_day_than(self, other: Source) -> bool:
        """Tell whether the other word stands in the file of a later day."""
        return isinstance(other, FromFile) and other.file_day > self.file_day

    def older_than(self, other: Source) -> bool:
        """Tell whether the other word stands in a newer version of the same file."""
        return isinstance(other, FromFile) and other.file_day == self.file_day and other.version > self.version


Source = Posted | FromFile


@dataclass(frozen=True, slots=True)
class Revision:
    """One word on a trade: `number` counts from 1, `said_at` is the `...Z` text of when the book took it.

    A `withdrawn` one says that the trade no longer stands: it keeps its terms for the record and counts for nothing.
    """

    trade: Trade
    number: int
    source: Source
    said_at: str
    withdrawn: bool = False

    def as_json(self) -> dict[str, object]:
        """Give the word as the API and the CLI show it."""
        return {
            "revision": self.number,
            "said_at": self.said_at,
            "source": self.source.as_json(),
            "withdrawn": self.withdrawn,
            "trade": self.trade.as_fields(),
        }

    @property
    def change(self) -> Change:
        """What this word adds to its position."""
        return NO_CHANGE if self.withdrawn else trade_change(self.trade)

    def says(self, trade: Trade) -> bool:
        """Tell whether this word already has the trade standing with those terms."""
        return not self.withdrawn and self.trade.same_terms(trade)

    def next(self, trade: Trade, source: Source, said_at: str) -> Revision:
        """The word that follows this one."""
        return Revision(trade, self.number + 1, source, said_at)

    def withdrawal(self, source: Source, said_at: str) -> Revision:
        """The word that takes this one back."""
        return Revision(self.trade, self.number + 1, source, said_at, withdrawn=True)
