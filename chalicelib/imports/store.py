"""The record of processed price files, as a Protocol."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # a cold start names all ports and uses two
    from chalicelib.notices.model import Notice


@dataclass(frozen=True, slots=True)
class PriceFileRead:
    """One reading of a price file: a later one has a higher `turn`; `done` versions were processed before."""

    key: str
    turn: int
    done: int
    object_version: str | None


Outcome = Mapping[str, object]
"""What became of a version of a price file, as JSON has it."""


class PriceFiles(Protocol):
    def begin(self, key: str) -> PriceFileRead:
        """Return the next reading of a file; earlier readings can no longer end."""

    def end(self, reading: PriceFileRead, object_version: str, outcome: Outcome, notice: Notice | None = None) -> bool:
        """Store that a version was processed, its outcome and its notice, in one transaction.

        Returns False, and stores nothing, if another reading began meanwhile: that one processes the file.
        """

    def count(self, key: str, object_version: str, changed: int) -> None:
        """Add to the prices that a version changed: of several readings at once, only one ends, and all count."""

    def processed_versions(self, keys: Collection[str]) -> Mapping[str, str]:
        """Return by key the object version that was processed last."""

    def outcome(self, key: str) -> Outcome | None:
        """Return what became of the version that was processed last, with all that it changed, if that is known."""


def with_changes(outcome: Outcome, changed: int) -> Outcome:
    received = outcome.get("received")
    if not isinstance(received, int):
        return outcome
    changed = min(changed, received)  # a repeated write may count twice
    return {**outcome, "changed": changed, "unchanged": received - changed}
