"""Day marks: what happened to a delivery day's trades beside the imports of its own files, and what happens now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # a cold start that books has no receipts
    from chalicelib.feeds.receipt import Receipt


@dataclass(frozen=True, slots=True)
class DayMark:
    """The mark of one delivery day.

    `count` rises with every late trade, and with the first trade of the day that a run corrects, withdraws or restores;
    `running` are the file days whose runs are at it. So a day whose mark is the same before and after its positions
    were read, with no run at it, did not change meanwhile, except by the import of its own files.

    `changed_at` is when a file, or a person who confirmed it, last changed a trade of the day. `added_at` is when a
    late trade was last booked, and absent where the day's own files were not all imported by then; both `...Z` text.
    `undecided` are file days, other than the day's own two, whose newest file misses booked trades of this day, which
    nobody has confirmed.
    """

    count: int = 0
    running: frozenset[date] = frozenset()
    changed_at: str | None = None
    added_at: str | None = None
    undecided: frozenset[date] = frozenset()


UNMARKED: Final = DayMark()


@dataclass(frozen=True, slots=True)
class DayStates:
    """What is known of file days and delivery days beside the numbers: newest receipts, and the marks there are."""

    receipts: Mapping[date, Receipt]
    marks: Mapping[date, DayMark]
