"""Who leads: which of the files that hold a trade counts, written a second time."""

from __future__ import annotations

from chalicelib.feeds.file_day import FileDay
from chalicelib.trades.model import Trade
from chalicelib.trades.revision import Revision
from tests.simulation.delivered import executed_on

Rank = tuple[bool, object, bool, str]


def files_of(revision: Revision) -> set[FileDay]:
    """Return the files that a revision names."""
    return set(revision.seen_in)


def agreeing_file(revision: Revision) -> FileDay | None:
    """Return the file that leads, if its terms are those of the revision."""
    return revision.leading


def rank(file: FileDay, trade: Trade) -> Rank:
    """Return a file's place among those that hold a trade: of its own day, the later one, the daily one, by name."""
    return file.day == executed_on(trade), file.day, file.feed == "daily", file.feed


def leading_file(revision: Revision) -> FileDay | None:
    """Return the file whose word on a trade counts; that of a correction over HTTP is the one before."""
    leading, noted = agreeing_file(revision), files_of(revision)
    if leading is None and noted and not revision.withdrawn:
        return max(noted, key=lambda file: rank(file, revision.trade))
    return leading


def leads(file: FileDay, revision: Revision) -> bool:
    """Check whether a file counts for more than the one that states a trade."""
    leading = leading_file(revision)
    return leading is None or rank(file, revision.trade) >= rank(leading, revision.trade)


def clashes(row: Trade, file: FileDay, revision: Revision) -> bool:
    """Check whether a row is another execution under the id of this trade."""
    executed = executed_on(row)
    moved = executed not in {executed_on(revision.trade), file.day} and files_of(revision) == {file}
    return executed != executed_on(revision.trade) and not moved
