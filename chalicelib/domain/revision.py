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

    def older_than(self, other: Source) -> bool:
        """Tell whether the other word stands in a newer version of the same file."""
        return isinstance(other, FromFile) and other.file_day == self.file_day and other.version > self.version


Source = Posted | FromFile


@dataclass(frozen=True, slots=True)
class Revision:
    """One word on a trade: `number` counts from 1, `said_at` is the `...Z` text of when the book took it.

    A `withdrawn` one says that the trade no longer stands: it keeps its terms for the record and counts for nothing.
    `matched` is the latest day whose daily file says the same of a trade that was posted, or that stood in the file of
    an earlier day; None where none does.
    """

    trade: Trade
    number: int
    source: Source
    said_at: str
    withdrawn: bool = False
    matched: date | None = None

    def as_json(self) -> dict[str, object]:
        """Give the word as the API and the CLI show it."""
        return {
            "revision": self.number,
            "said_at": self.said_at,
            "source": self.source.as_json(),
            "matched_by": self.matched.isoformat() if self.matched else None,
            "withdrawn": self.withdrawn,
            "trade": self.trade.as_fields(),
        }

    @property
    def change(self) -> Change:
        """What this word adds to its position."""
        return NO_CHANGE if self.withdrawn else trade_change(self.trade)

    @property
    def file_day(self) -> date | None:
        """The latest day whose daily file says so; None where none does."""
        return self.matched or (self.source.file_day if isinstance(self.source, FromFile) else None)

    def outlasts(self, source: FromFile) -> bool:
        """Tell whether the file of a later day says so: then an earlier day's does not correct it."""
        return self.file_day is not None and self.file_day > source.file_day

    def is_matched_by(self, trade: Trade, file_day: date) -> bool:
        """Tell whether a row of this day's file says the same, and no file of that day or a later one did before."""
        return self.says(trade) and (self.file_day is None or self.file_day < file_day)

    def says(self, trade: Trade) -> bool:
        """Tell whether this word already has the trade standing with those terms."""
        return not self.withdrawn and self.trade.same_terms(trade)

    def next(self, trade: Trade, source: Source, said_at: str) -> Revision:
        """The word that follows this one."""
        return Revision(trade, self.number + 1, source, said_at)

    def withdrawal(self, source: Source, said_at: str) -> Revision:
        """The word that takes this one back."""
        return Revision(self.trade, self.number + 1, source, said_at, withdrawn=True)
