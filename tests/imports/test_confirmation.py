"""Confirming that trades are taken out of the book while other runs and users change the same trades."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from chalicelib.imports import confirmation
from chalicelib.imports.service import import_daily_file
from chalicelib.trades.revision import Posted, Revision
from tests.fixtures.import_nights import Nights, csv_of, some

JUNE_16, JUNE_17 = date(2026, 6, 16), date(2026, 6, 17)
OF_16 = some(20, "2026-06-16T10:00:00Z", "a")
OF_17 = some(20, "2026-06-17T10:00:00Z", "b")
GONE = OF_16[-3:]
NAMES = [one.id for one in GONE]


@pytest.fixture
def nights() -> Nights:
    """A book where the file of 16 June dropped three trades."""
    nights = Nights()
    nights.night(JUNE_16, csv_of(OF_16))
    nights.night(JUNE_17, csv_of(OF_17))
    nights.arrive(JUNE_16, csv_of(OF_16[:-3]))
    return nights


def import_17(nights: Nights, *more: int) -> None:
    """Import a file of 17 June that also has these of the three trades, in a run of its own."""
    nights.put(JUNE_17, csv_of([*OF_17, *(GONE[number] for number in more)]))
    import_daily_file(JUNE_17, replace(nights.desk(), owner="another"))


def before_withdrawing(nights: Nights, act: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Act once, just before the trades are withdrawn."""
    acts, correct_all = [act], nights.book.correct_all

    def interrupted(changes: Sequence[tuple[Revision, Revision]], lease: Any) -> Mapping[str, Revision]:
        if acts:
            acts.pop()()
        return correct_all(changes, lease)

    monkeypatch.setattr(nights.book, "correct_all", interrupted)


def left_of(nights: Nights) -> list[str]:
    return [name for name in NAMES if name in nights.standing()]


def test_a_trade_that_a_user_corrects_meanwhile_is_withdrawn_as_well(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    [first] = nights.book.history(NAMES[0])
    corrected = first.next(GONE[0]._replace(price=7), Posted("ida"), "2026-06-18T00:00:00Z")
    before_withdrawing(nights, lambda: nights.book.correct(first, corrected), monkeypatch)
    assert (nights.confirm(JUNE_16).withdrawn, left_of(nights)) == (3, [])
    assert [one.withdrawn for one in nights.book.history(NAMES[0])] == [True, False, False]


def test_a_trade_that_another_file_brings_meanwhile_is_searched_in_it(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file of 17 June brings two trades and drops one of them again."""

    def bring_and_drop() -> None:
        import_17(nights, 0, 1)
        import_17(nights, 1)

    before_withdrawing(nights, bring_and_drop, monkeypatch)
    assert (nights.confirm(JUNE_16).withdrawn, left_of(nights)) == (2, [NAMES[1]])


def test_a_trade_that_another_file_has_by_now_stays(nights: Nights) -> None:
    """A run that ended without releasing its lease kept the recheck from it."""
    desk = nights.desk()
    lease = nights.receipts.acquire(JUNE_16, "other", desk.clock.now(), desk.until())
    import_17(nights, 2)
    nights.receipts.release(lease)
    assert (nights.confirm(JUNE_16).withdrawn, left_of(nights)) == (2, [NAMES[2]])


def test_a_trade_that_another_run_put_back_is_not_put_back_again(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    def in_file_of_17(*_: object) -> set[str]:
        import_17(nights, 1)
        return {NAMES[1]}

    monkeypatch.setattr(confirmation, "in_other_files", in_file_of_17)
    nights.confirm(JUNE_16)
    assert [one.withdrawn for one in nights.book.history(NAMES[1])] == [False, True, False]
