"""Warnings: what people should know of a version of a daily file, and what changes no state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from chalicelib.domain.receipt import BOOKED_STATES, ChangeKind, FileChange
from chalicelib.domain.repeated_rows import LINES_NAMED
from chalicelib.domain.verdict import Verdict
from chalicelib.domain.watch import DAYS_BACK
from chalicelib.ports import Receipts
from chalicelib.services.surveying import DAYS_NAMED


def warnings_of(verdict: Verdict, file_day: date, receipts: Receipts) -> tuple[str, ...]:
    """Return what to say of a file that is about to be booked."""
    warnings = []
    others = sum(rows for _, rows in verdict.other_days)
    if others > verdict.own_rows:
        named = ", ".join(f"{rows} on {other}" for other, rows in verdict.other_days[:DAYS_NAMED])
        warnings.append(
            f"only {verdict.own_rows} of {verdict.own_rows + others} rows were executed on {file_day}: {named}"
        )
    if not verdict.rows:
        warnings.append("the file is empty: a header and no rows")
    new = _new_columns(verdict, file_day, receipts)
    if new:
        warnings.append(
            f"the header has columns that the file before did not have: {', '.join(new)}; they are not read"
        )
    return tuple(warnings)


def _new_columns(verdict: Verdict, file_day: date, receipts: Receipts) -> list[str]:
    """Return the unread columns that the last file in the book does not have; none where there is no such file."""
    earlier = receipts.newest([file_day - timedelta(days=back) for back in range(1 + DAYS_BACK)])
    last = next((earlier[one] for one in sorted(earlier, reverse=True) if earlier[one].state in BOOKED_STATES), None)
    return [name for name in verdict.ignored_columns if last is not None and name not in last.ignored_columns]


def stale_warnings(changes: Sequence[FileChange]) -> tuple[str, ...]:
    """Return which lines of a booked version have terms that were not booked, as other files lead."""
    stale = {change.line or 0 for change in changes if change.kind is ChangeKind.STALE}
    if not stale:
        return ()
    named = ", ".join(str(line) for line in sorted(stale)[:LINES_NAMED])
    more = f" and {len(stale) - LINES_NAMED} more" if len(stale) > LINES_NAMED else ""
    return (f"{len(stale)} rows have other terms than the files that lead, which stay: lines {named}{more}",)
