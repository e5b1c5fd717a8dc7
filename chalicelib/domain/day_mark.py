"""Day marks: what happened to a delivery day's trades beside the imports of its own files, and what happens now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from chalicelib.domain.delivery import berlin_day
from chalicelib.domain.execution_time import instant
from chalicelib.domain.revision import FromFile, Revision

if TYPE_CHECKING:  # a cold start that books has no receipts
    from chalicelib.domain.receipt import Receipt

SLOWEST_POST: Final = timedelta(seconds=30)
"""Within which a posted trade is booked: API Gateway waits 29 seconds."""


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


def late_days(revisions: Iterable[Revision]) -> frozenset[date]:
    """Return the delivery days to which these new trades come late: it is over, and none of its own files has them.

    Until a day is over its state claims nothing, and while its own files are imported their receipts say so.
    """
    return frozenset(revision.trade.delivery_day for revision in revisions if _is_late(revision))


def _is_late(revision: Revision) -> bool:
    day, source = revision.trade.delivery_day, revision.source
    if isinstance(source, FromFile) and timedelta() <= day - source.file_day <= timedelta(days=1):
        return False
    return day < _today(revision.said_at)


@lru_cache(maxsize=64)
def _today(said_at: str) -> date:
    """Return the Berlin date on which what was recorded then is in the book at the latest; a file has one instant."""
    return berlin_day(instant(said_at) + SLOWEST_POST)
