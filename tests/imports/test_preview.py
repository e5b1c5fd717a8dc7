"""What accepting a held version would do."""

from __future__ import annotations

import pytest

from chalicelib.feeds.file_change import ChangeKind, FileChange
from chalicelib.feeds.receipt import FileState
from chalicelib.imports.preview import preview
from chalicelib.trades.revision import Posted
from tests.fixtures.daily_files import csv_of, day_of
from tests.fixtures.import_sandbox import ImportSandbox
from tests.fixtures.trades import trade


@pytest.fixture
def sandbox() -> ImportSandbox:
    sandbox = ImportSandbox()
    sandbox.deliver(csv_of(day_of(20)))
    return sandbox


@pytest.mark.parametrize(
    ("repeated", "new", "bad", "rows"),
    [
        (0, 0, 0, "0 are new, 5 are in the book already, 0 are no valid trades"),
        (1, 1, 1, "1 is new, 6 are in the book already, 1 is no valid trade"),
        (2, 2, 2, "2 are new, 7 are in the book already, 2 are no valid trades"),
    ],
)
def test_the_rows_of_a_held_version_are_counted(
    sandbox: ImportSandbox, repeated: int, new: int, bad: int, rows: str
) -> None:
    kept = day_of(10)[:5]
    trades = [*kept, *kept[:repeated], *(trade(f"new-{number}") for number in range(new))]
    held = sandbox.deliver(csv_of(trades, *["bad"] * bad, ""))
    assert held.state is FileState.HELD
    seen = preview(held, sandbox.context())
    assert seen is not None
    assert (seen.rows, seen.withdrawn, len(seen.changes)) == (rows, 15, 15)


def test_a_held_version_shows_each_trade_before_and_after(sandbox: ImportSandbox) -> None:
    corrected, restored, *kept = day_of(5)
    current = sandbox.book.words[restored.id][-1]
    assert sandbox.book.correct(current, current.withdrawal(Posted("anna"), "2023-03-05T12:00:00Z")) is None
    changed = corrected._replace(price=7)
    held = sandbox.deliver(csv_of([changed, restored, *kept]))
    assert held.state is FileState.HELD
    seen = preview(held, sandbox.context())
    assert seen is not None
    assert seen.changes[:2] == [
        FileChange(ChangeKind.CORRECTED, corrected.id, 2, corrected.as_fields(), changed.as_fields()),
        FileChange(ChangeKind.RESTORED, restored.id, 3, None, restored.as_fields()),
    ]


def test_a_held_version_that_is_gone_from_the_bucket_has_no_preview(sandbox: ImportSandbox) -> None:
    held = sandbox.deliver(csv_of(day_of(10)[:5]))
    assert held.state is FileState.HELD
    sandbox.store.objects.clear()
    assert preview(held, sandbox.context()) is None
