"""What the services need of the stores of reference prices, as Protocols beside those of `ports`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # a cold start names all ports and uses two
    from chalicelib.domain.notice import Notice
    from chalicelib.domain.price_word import Words


class Prices(Protocol):
    """Reference prices by delivery hour. Every call may raise Unavailable; every write is safe to repeat."""

    def of(self, delivery_days: Collection[date]) -> Mapping[date, Mapping[int, int]]:
        """Give the eurocent/MWh of each hour that has one, and no day without any; 100 days are one request."""

    def say(self, said: Mapping[date, Words], by: str | None = None) -> int:
        """Keep these words where they are newer than what stands, hour by hour; gives how many prices changed.

        Each day is one write, and none where nothing said is newer. Where a person says them, `by` names who, and the
        audit is told in the same transaction.
        """


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a price file: a later one has a higher `turn`.

    `done` versions of the object were dealt with before, the last of them `object_version`.
    """

    key: str
    turn: int
    done: int
    object_version: str | None


class PriceFiles(Protocol):
    """Which versions of the reference price files were dealt with, so that none is dealt with twice or left out."""

    def begin(self, key: str) -> Reading:
        """Take the next turn at reading a file; a reading that began earlier can note nothing any more."""

    def end(self, reading: Reading, object_version: str, notice: Notice | None = None) -> bool:
        """Note that a version was dealt with, and what the desk must hear of it, in one transaction.

        False where another reading began meanwhile: nothing was noted, and that one must deal with the file.
        """

    def dealt_with(self, keys: Collection[str]) -> Mapping[str, str]:
        """Give the object version that was dealt with last of each of these files that has one."""
