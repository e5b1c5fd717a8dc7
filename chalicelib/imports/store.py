"""What is needed to remember which price files were dealt with, as Protocols."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # a cold start names all ports and uses two
    from chalicelib.notices.model import Notice


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
