"""Receipts: what became of each version of each daily file, with every row accounted for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from chalicelib.domain.errors import Problem


class FileState(StrEnum):
    """Where a version of a daily file stands."""

    WAITING = "waiting"
    IMPORTING = "importing"
    IMPORTED = "imported"
    PROVISIONAL = "provisional"
    REJECTED = "rejected"
    HELD = "held"


BOOKED_STATES = frozenset({FileState.IMPORTED, FileState.PROVISIONAL})
"""The file's good rows are all in the book."""


@dataclass(frozen=True, slots=True)
class QuarantinedRow:
    """A row that is no valid trade: its line in the file (the header is line 1) and every reason."""

    line: int
    problems: tuple[Problem, ...]


class ChangeKind(StrEnum):
    """What a version of a file changed of trades that were booked."""

    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class FileChange:
    """A trade that a version corrected (on this line), or no longer has (`line` is None) and so withdraws."""

    kind: ChangeKind
    trade_id: str
    line: int | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """One version of one daily file: once booked, rows = booked + already there + corrected + quarantined.

    While it is `importing`, the counts speak of the rows up to line `progress`. `withdrawn` counts trades that an
    earlier version had; they stay booked until somebody confirms it, at `confirmed_at`. `standing_version` is the one
    whose rows are in the book when this one is not (yet), 0 for none, imported at `standing_at`.
    """

    file_day: date
    version: int
    state: FileState
    key: str
    sha256: str
    object_version: str
    rows: int = 0
    booked: int = 0
    already_there: int = 0
    corrected: int = 0
    quarantined: int = 0
    withdrawn: int = 0
    progress: int = 0
    ignored_columns: tuple[str, ...] = ()
    reason: str | None = None
    imported_at: str | None = None
    confirmed_at: str | None = None
    changed_before: bool = False
    """An earlier version corrected or withdrew trades, which its day does not forget."""
    standing_version: int = 0
    standing_at: str | None = None

    @property
    def changed(self) -> bool:
        """Tell whether this version, or one before it, changed trades that were booked."""
        return bool(self.corrected) or self.confirmed_at is not None or self.changed_before

    @property
    def settled(self) -> bool:
        """Tell whether nothing of this file is open: every row booked, and every withdrawal confirmed."""
        undecided = bool(self.withdrawn) and self.confirmed_at is None
        return self.state is FileState.IMPORTED and not self.quarantined and not undecided

    @property
    def awaited(self) -> bool:
        """Tell whether the newest version is not whole yet, so that it can be late."""
        return self.state is FileState.WAITING

    @property
    def usable(self) -> bool:
        """Tell whether rows of this file day are in the book, or on their way into it."""
        return self.state in {*BOOKED_STATES, FileState.IMPORTING} or bool(self.standing_version)

    @property
    def accounted_for(self) -> bool:
        """Tell whether every row that was read went somewhere."""
        return self.rows == self.booked + self.already_there + self.corrected + self.quarantined

    def as_json(self, quarantine: Sequence[QuarantinedRow], changes: Sequence[FileChange] = ()) -> dict[str, object]:
        """Give the receipt as the API and the CLI show it."""
        return {
            "file_day": self.file_day.isoformat(),
            "version": self.version,
            "state": self.state.value,
            "key": self.key,
            "sha256": self.sha256,
            "rows": self.rows,
            "booked": self.booked,
            "already_there": self.already_there,
            "corrected": self.corrected,
            "withdrawn": self.withdrawn,
            "quarantined": self.quarantined,
            "quarantine": [row_as_json(row) for row in quarantine],
            "changes": [{"kind": one.kind.value, "id": one.trade_id, "line": one.line} for one in changes],
            "ignored_columns": list(self.ignored_columns),
            "reason": self.reason,
            "imported_at": self.imported_at,
            "confirmed_at": self.confirmed_at,
        }


def newly_covered(receipt: Receipt, before: Receipt | None) -> tuple[date, ...]:
    """Return the delivery days that need this file, where it is in the book as the first of its file day.

    `before` is the newest receipt when the run began. Until then these days were not complete, so that no trade was
    booked after they were.
    """
    known = before is not None and before.state in BOOKED_STATES
    if known or receipt.standing_version or receipt.state not in BOOKED_STATES:
        return ()
    return receipt.file_day, receipt.file_day + timedelta(days=1)


def row_as_json(row: QuarantinedRow) -> dict[str, object]:
    """Give a quarantined row as the API and the CLI show it."""
    return {
        "line": row.line,
        "problems": [{"field": problem.field, "message": problem.message} for problem in row.problems],
    }
