"""Day marks: changes of a delivery day's trades that its own files did not make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # keeps receipts out of a cold start
    from chalicelib.feeds.file_day import FileDay
    from chalicelib.feeds.receipt import Receipt


@dataclass(frozen=True, slots=True)
class DayMark:
    """The mark of one delivery day.

    A day whose mark did not change while positions were read, with none `running`, was changed only by its own files.

    Attributes:
        count: Late trades, plus one for each run that corrects, withdraws or restores trades.
        running: Files whose runs are changing the day.
        changed_at: When a file or a confirmation last changed a trade.
        added_at: When a trade was last booked after the day's own files.
        undecided: Other files whose newest version has unconfirmed withdrawals.
    """

    count: int = 0
    running: frozenset[FileDay] = frozenset()
    changed_at: str | None = None
    added_at: str | None = None
    undecided: frozenset[FileDay] = frozenset()


UNMARKED: Final = DayMark()


@dataclass(frozen=True, slots=True)
class DayStates:
    """The newest receipts and the marks that exist."""

    receipts: Mapping[date, Receipt]
    marks: Mapping[date, DayMark]
