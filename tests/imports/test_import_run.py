"""What a run reports and records: its progress, and what it changed, in the order of the lines."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from chalicelib.feeds.file_change import ChangeKind
from chalicelib.imports import file_import, import_run
from chalicelib.imports.confirmation import confirm_withdrawn
from chalicelib.imports.service import import_daily_file
from chalicelib.trades.revision import FromFile, Revision
from tests.fixtures.daily_files import KEY, csv_of, day_of
from tests.fixtures.import_sandbox import ImportSandbox
from tests.fixtures.trades import FILE_DAY, trade


@pytest.mark.parametrize(("window", "reported"), [(9, [8, 8]), (3, [4, 7, 8, 8])])
def test_progress_is_that_of_the_last_row_of_a_window(
    window: int, reported: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_run, "WINDOW", window)
    sandbox, seen = ImportSandbox(), list[tuple[int, int]]()
    sandbox.store.put(KEY, io.BytesIO(csv_of(day_of(8))))
    import_daily_file(FILE_DAY, sandbox.context(), lambda done, rows: seen.append((done, rows)))
    assert seen == [(done, 8) for done in reported]


@pytest.mark.parametrize("window", [2, 9])
def test_changes_are_listed_by_line(window: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A restored trade has no terms before."""
    monkeypatch.setattr(import_run, "WINDOW", window)
    sandbox, rows = ImportSandbox(), day_of(8)[::-1]
    sandbox.deliver(csv_of(rows))
    sandbox.deliver(csv_of([row._replace(price=row.price + 1) for row in rows]))
    lines = [(one.kind, one.line, one.trade_id) for one in sandbox.receipts.changes(FILE_DAY, 2)]
    assert lines == [(ChangeKind.CORRECTED, line, row.id) for line, row in enumerate(rows, 2)]
    sandbox.deliver(csv_of(rows[:3]))
    confirm_withdrawn(FILE_DAY, "anna", sandbox.context())
    sandbox.deliver(csv_of(rows))
    restored = [one for one in sandbox.receipts.changes(FILE_DAY, 4) if one.kind is ChangeKind.RESTORED]
    assert [(one.line, one.old, one.new) for one in restored] == [
        (line, None, row.as_fields()) for line, row in enumerate(rows[3:], 5)
    ]


@pytest.mark.parametrize("window", [2, 9])
def test_what_is_put_back_later_is_listed_by_line(window: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_run, "WINDOW", window)
    sandbox, rows = ImportSandbox(), day_of(8)[::-1]
    sandbox.deliver(csv_of(rows))
    for row in rows:
        old = sandbox.book.history(row.id)[0]
        sandbox.book.correct(old, old.withdrawal(FromFile(FILE_DAY, 1, 2), "2023-03-05T12:00:00Z"))
    sandbox.run()
    lines = [(one.kind, one.line, one.trade_id) for one in sandbox.receipts.changes(FILE_DAY, 1)]
    assert lines == [(ChangeKind.RESTORED, line, row.id) for line, row in enumerate(rows, 2)]


def test_a_lost_second_side_is_booked_again_beside_the_first() -> None:
    sandbox, buy = ImportSandbox(), trade("both")
    sell = trade("both", direction="sell", trader_id="other")
    sandbox.deliver(csv_of([*day_of(8), buy, sell]))
    [second] = [name for name, revisions in sandbox.book.words.items() if revisions[-1].trade == sell]
    del sandbox.book.words[second]
    sandbox.run()
    assert [newest.trade for newest, *_ in sandbox.book.sides("epex", "both")] == [buy, sell]


def test_each_correction_is_written_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox, written = ImportSandbox(), list[str]()
    correct = sandbox.book.correct

    def noted(old: Revision, *others: Any) -> Revision | None:
        written.append(old.side_id)
        return correct(old, *others)

    sandbox.deliver(csv_of(day_of(8)))
    monkeypatch.setattr(sandbox.book, "correct", noted)
    assert sandbox.deliver(csv_of([row._replace(price=row.price + 1) for row in day_of(8)])).corrected == 8
    assert sorted(written) == sorted(row.id for row in day_of(8))


def test_both_sides_of_a_new_trade_are_booked_without_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox, refused = ImportSandbox(), list[str]()
    add = sandbox.book.add

    def noted(revisions: Sequence[Revision]) -> Mapping[str, Revision]:
        in_the_way = add(revisions)
        refused.extend(in_the_way)
        return in_the_way

    monkeypatch.setattr(sandbox.book, "add", noted)
    receipt = sandbox.deliver(csv_of([trade("both"), trade("both", direction="sell", trader_id="other")]))
    sides = [newest.side for newest, *_ in sandbox.book.sides("epex", "both")]
    assert (receipt.booked, refused, sides) == (2, [], [1, 2])


def test_a_file_that_meets_no_other_direction_is_not_searched_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_import, "turned_by", None)
    assert ImportSandbox().deliver(csv_of(day_of(8))).booked == 8
