"""Receipts: what became of each version of each daily file, with every row accounted for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from chalicelib.domain.errors import Problem


class FileState(StrEnum):
    """Where a version of a daily file stands."""

    WAITING = "waiting"
    IMPORTING = "importing"
    IMPORTED = "imported"
    PROVISIONAL = "provisional"
    REJECTED = "rejected"


BOOKED_STATES = frozenset({FileState.IMPORTED, FileState.PROVISIONAL})
"""The file's good rows are all in the book."""


@dataclass(frozen=True, slots=True)
class QuarantinedRow:
    """A row that is no valid trade: its line in the file (the header is line 1) and every reason."""

    line: int
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """One version of one daily file: once booked, rows = booked + already there + corrected + quarantined."""

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
    ignored_columns: tuple[str, ...] = ()
    reason: str | None = None
    imported_at: str | None = None

    @property
    def accounted_for(self) -> bool:
        """Tell whether every row that was read went somewhere."""
        return self.rows == self.booked + self.already_there + self.corrected + self.quarantined

    def as_json(self, quarantine: tuple[QuarantinedRow, ...]) -> dict[str, object]:
        """Give the receipt as the API and the CLI show it; nothing is withdrawn before corrections confirm it."""
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
            "quarantined": self.quarantined,
            "quarantine": [row_as_json(row) for row in quarantine],
            "ignored_columns": list(self.ignored_columns),
            "reason": self.reason,
            "imported_at": self.imported_at,
        }


def row_as_json(row: QuarantinedRow) -> dict[str, object]:
    """Give a quarantined row as the API and the CLI show it."""
    return {
        "line": row.line,
        "problems": [{"field": problem.field, "message": problem.message} for problem in row.problems],
    }
