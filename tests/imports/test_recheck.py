"""Trades that a file no longer has are looked at again when another file that may hold them changes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from chalicelib.common.errors import InvalidRequest
from chalicelib.feeds.file_change import ChangeKind
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.imports.acceptance import accept, propose
from chalicelib.imports.nearby_files import DAYS_NEAR, newest_files_near
from chalicelib.imports.service import recheck
from chalicelib.imports.withdrawals import with_counts
from chalicelib.notices.model import Kind
from tests.fixtures.import_nights import Nights, csv_of, some

JUNE_15, JUNE_16, JUNE_17 = date(2026, 6, 15), date(2026, 6, 16), date(2026, 6, 17)
OF_15 = some(20, "2026-06-15T10:00:00Z", "e")
OF_16 = some(20, "2026-06-16T10:00:00Z", "a")
OF_17 = some(20, "2026-06-17T10:00:00Z", "b")
STRAY = OF_16[-2:]
"""Two trades that the file of 16 June drops."""
WITHOUT = csv_of(OF_16[:-2])


@pytest.fixture
def nights() -> Nights:
    return Nights()


@pytest.fixture
def stray_trades(nights: Nights) -> Nights:
    """Return a book where the file of 16 June dropped two trades that the file of 17 June holds."""
    nights.night(JUNE_15, csv_of(OF_15))
    nights.night(JUNE_16, csv_of(OF_16))
    nights.night(JUNE_17, csv_of([*OF_17, *STRAY]))
    nights.arrive(JUNE_16, WITHOUT)
    return nights


def newest(nights: Nights, day: date) -> Receipt:
    return nights.receipts.newest([day])[day]


def counts(nights: Nights, day: date) -> tuple[int, int]:
    """Return how many trades are to be withdrawn, and how many are missing and stay."""
    receipt = newest(nights, day)
    listed = [one.kind for one in nights.receipts.changes(day, receipt.version)]
    found = (receipt.withdrawn, receipt.kept)
    assert found == (listed.count(ChangeKind.WITHDRAWN), listed.count(ChangeKind.KEPT))
    return found


def standing(nights: Nights) -> set[str]:
    return {one.id for one in STRAY} & nights.standing().keys()


def test_a_trade_that_another_file_holds_is_named_and_changes_no_state(stray_trades: Nights) -> None:
    assert counts(stray_trades, JUNE_16) == (0, 2)
    assert stray_trades.state(JUNE_16) == "complete"
    [said] = newest(stray_trades, JUNE_16).what_to_know
    assert said.startswith("2 trades are missing from it and still booked: another day's file has them, or")
    assert ("2026-06-16", "warning") not in stray_trades.told()
    shown = newest(stray_trades, JUNE_16).as_json((), stray_trades.receipts.changes(JUNE_16, 2))
    assert shown["kept"] == 2
    assert {one.kind: one.effects for one in stray_trades.receipts.changes(JUNE_16, 2)} == {ChangeKind.KEPT: {}}


def test_the_last_file_to_drop_a_trade_opens_it_in_the_trades_own_file(stray_trades: Nights) -> None:
    stray_trades.arrive(JUNE_17, csv_of(OF_17))
    assert counts(stray_trades, JUNE_17) == (0, 0)
    assert counts(stray_trades, JUNE_16) == (2, 0)
    assert stray_trades.state(JUNE_16) == "provisional"
    assert stray_trades.told() == [("2026-06-16", "corrected")]
    assert len(standing(stray_trades)) == 2
    confirmed = stray_trades.confirm(JUNE_16)
    assert (confirmed.withdrawn, standing(stray_trades), stray_trades.deviations()) == (2, set(), ())
    assert stray_trades.state(JUNE_16) == "corrected"


def test_a_file_that_brings_a_missing_trade_again_takes_it_from_the_list(stray_trades: Nights) -> None:
    stray_trades.arrive(JUNE_17, csv_of(OF_17))
    stray_trades.arrive(JUNE_17, csv_of([*OF_17, STRAY[0]]))
    assert counts(stray_trades, JUNE_16) == (1, 1)
    assert propose(JUNE_16, stray_trades.desk()).steps[0].startswith("Withdraw 1 trade of an earlier version that")
    stray_trades.arrive(JUNE_17, csv_of([*OF_17, *STRAY]))
    assert counts(stray_trades, JUNE_16) == (0, 2)
    assert (stray_trades.state(JUNE_16), newest(stray_trades, JUNE_16).changed) == ("complete", False)
    with pytest.raises(InvalidRequest, match="nothing to accept"):
        propose(JUNE_16, stray_trades.desk())
    assert len(standing(stray_trades)) == 2


def test_a_trade_that_stayed_when_others_were_confirmed_is_opened_again(stray_trades: Nights) -> None:
    stray_trades.arrive(JUNE_16, csv_of(OF_16[:-3]))
    assert counts(stray_trades, JUNE_16) == (1, 2)
    leases = stray_trades.receipts.days[JUNE_16].fence
    assert stray_trades.confirm(JUNE_16).withdrawn == 1
    assert counts(stray_trades, JUNE_16) == (1, 2)
    assert stray_trades.receipts.days[JUNE_16].fence == leases + 1, "as no file near it changed, it is not rechecked"
    assert ("2026-06-16", "withdrawn") in stray_trades.told()
    assert stray_trades.state(JUNE_16) == "corrected"
    stray_trades.arrive(JUNE_17, csv_of(OF_17))
    assert (counts(stray_trades, JUNE_16), newest(stray_trades, JUNE_16).confirmed_at) == ((3, 0), None)
    assert (stray_trades.state(JUNE_16), newest(stray_trades, JUNE_16).changed) == ("provisional", True)
    assert (stray_trades.confirm(JUNE_16).withdrawn, standing(stray_trades)) == (3, set())


def test_a_later_delivery_day_waits_until_all_is_confirmed(nights: Nights) -> None:
    delivered = date(2026, 6, 19)
    of_16 = some(20, "2026-06-16T10:00:00Z", "a", delivery_day="2026-06-19")

    def waits() -> tuple[tuple[int, int], bool]:
        assert newest(nights, JUNE_16).undecided_days in {(), (delivered,)}
        return counts(nights, JUNE_16), newest(nights, JUNE_16).undecided_days == (delivered,)

    nights.night(JUNE_16, csv_of(of_16))
    nights.night(JUNE_17, csv_of([*OF_17, *of_16[-2:]]))
    nights.arrive(JUNE_16, csv_of(of_16[:-3]))
    assert waits() == ((1, 2), True)
    nights.confirm(JUNE_16)
    assert waits() == ((1, 2), False)
    nights.arrive(JUNE_17, csv_of([*OF_17, *some(1, "2026-06-17T11:00:00Z", "new"), *of_16[-2:]]))
    assert waits() == ((1, 2), False)
    nights.arrive(JUNE_17, csv_of(OF_17))
    assert waits() == ((3, 0), True)
    nights.confirm(JUNE_16)
    assert waits() == ((3, 0), False)


def test_a_recheck_leaves_alone_what_was_decided_since(stray_trades: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    before = newest(stray_trades, JUNE_16)
    stray_trades.arrive(JUNE_16, csv_of(OF_16[:2]))
    stray_trades.arrive(JUNE_17, csv_of(OF_17))
    assert newest(stray_trades, JUNE_16).state is FileState.HELD
    monkeypatch.setattr(stray_trades.receipts, "save", None)
    recheck([before], stray_trades.desk())


def test_a_file_that_misses_nothing_is_not_rechecked(stray_trades: Nights) -> None:
    before = stray_trades.receipts.attempts([JUNE_15, JUNE_16])
    stray_trades.at(JUNE_17 + timedelta(days=2))
    stray_trades.arrive(JUNE_17, csv_of(OF_17))
    after = stray_trades.receipts.attempts([JUNE_15, JUNE_16])
    assert {day for day in before if after[day] != before[day]} == {JUNE_16}


def test_a_trade_dropped_before_its_own_file_is_open_if_that_lacks_it_too(nights: Nights) -> None:
    nights.night(JUNE_15, csv_of([*OF_15, *STRAY]), "20:00")
    nights.arrive(JUNE_15, csv_of(OF_15))
    assert counts(nights, JUNE_15) == (0, 2)
    nights.night(JUNE_16, WITHOUT)
    assert counts(nights, JUNE_15) == (2, 0)
    assert (nights.confirm(JUNE_15).withdrawn, standing(nights)) == (2, set())


def test_a_trade_dropped_before_its_own_file_is_its_own_once_that_has_it(nights: Nights) -> None:
    nights.night(JUNE_15, csv_of([*OF_15, *STRAY]), "20:00")
    nights.arrive(JUNE_15, csv_of(OF_15))
    nights.night(JUNE_16, csv_of(OF_16))
    assert counts(nights, JUNE_15) == (0, 0)
    assert newest(nights, JUNE_15).what_to_know == ()
    nights.arrive(JUNE_16, WITHOUT)
    assert (counts(nights, JUNE_15), counts(nights, JUNE_16)) == ((0, 0), (2, 0))


def test_a_day_accepted_without_a_file_speaks_for_its_trades(nights: Nights) -> None:
    nights.night(JUNE_15, csv_of([*OF_15, *STRAY]), "20:00")
    nights.arrive(JUNE_15, csv_of(OF_15))
    nights.at(JUNE_17)
    assert accept(JUNE_16, "anna", nights.desk()).state is FileState.ABSENT
    assert counts(nights, JUNE_15) == (2, 0)


def test_a_delivery_day_shows_that_another_days_file_misses_its_trades(nights: Nights) -> None:
    """A file of another day's rows brought them, and neither the right file nor that of their own day has them."""
    nights.night(JUNE_15, csv_of(OF_15))
    nights.at(date(2026, 6, 18))
    nights.arrive(JUNE_17, csv_of(OF_16))
    nights.arrive(JUNE_17, csv_of(OF_17))
    if newest(nights, JUNE_17).state is FileState.HELD:
        nights.confirm(JUNE_17)
    nights.arrive(JUNE_16, WITHOUT)
    assert counts(nights, JUNE_17) == (2, 0)
    known = nights.completeness(JUNE_16)
    reason = "trades missing from the file of 17 Jun 2026, which nobody has confirmed"
    assert (known.state.value, known.reasons) == ("provisional", (reason,))
    assert nights.confirm(JUNE_17).withdrawn == 2
    assert (nights.state(JUNE_16), standing(nights)) == ("corrected", set())


def test_a_trade_that_only_a_held_file_of_another_day_has_is_not_taken_out(nights: Nights) -> None:
    nights.night(JUNE_15, csv_of(OF_15))
    nights.night(JUNE_16, csv_of(OF_16))
    nights.night(JUNE_17, csv_of(OF_17))
    nights.arrive(JUNE_17, csv_of([*OF_17[:2], *STRAY]))
    assert newest(nights, JUNE_17).state is FileState.HELD
    nights.arrive(JUNE_16, WITHOUT)
    assert counts(nights, JUNE_16) == (0, 2)
    nights.arrive(JUNE_17, csv_of(OF_17))
    assert counts(nights, JUNE_16) == (2, 0)


def test_a_trade_confirmed_for_one_file_stays_listed_in_the_other(nights: Nights) -> None:
    nights.night(JUNE_15, csv_of([*OF_15, *STRAY]), "20:00")
    nights.night(JUNE_16, csv_of(OF_16))
    nights.arrive(JUNE_16, WITHOUT)
    nights.arrive(JUNE_15, csv_of(OF_15))
    assert counts(nights, JUNE_16) == (2, 0)
    nights.confirm(JUNE_16)
    assert (counts(nights, JUNE_15), standing(nights)) == ((2, 0), set())
    assert nights.state(JUNE_16) == "provisional"
    assert nights.confirm(JUNE_15).withdrawn == 2
    assert nights.state(JUNE_16) == "corrected"


def test_a_recheck_does_not_call_withdrawn_trades_booked(nights: Nights) -> None:
    nights.night(JUNE_15, csv_of(OF_15))
    nights.night(JUNE_16, csv_of(OF_16))
    nights.night(JUNE_17, csv_of([*OF_17, *STRAY]))
    nights.arrive(JUNE_16, csv_of(OF_16[:12]))
    assert newest(nights, JUNE_16).state is FileState.HELD
    nights.confirm(JUNE_16)
    assert counts(nights, JUNE_16) == (6, 2)
    nights.arrive(JUNE_17, csv_of([*OF_17, *STRAY, *some(1, "2026-06-17T11:00:00Z", "new")]))
    assert counts(nights, JUNE_16) == (6, 2)
    assert ("2026-06-16", "corrected") not in nights.told()
    nights.arrive(JUNE_17, csv_of(OF_17))
    assert counts(nights, JUNE_16) == (8, 0)
    [notice] = [one for one in nights.receipts.outbox.of([JUNE_16]) if one.kind is Kind.CORRECTED]
    assert "; 2 booked trades are missing from it." in notice.body


def test_what_stays_is_not_forgotten_by_the_next_version(stray_trades: Nights) -> None:
    stray_trades.arrive(JUNE_16, csv_of(OF_16[:-3]))
    assert counts(stray_trades, JUNE_16) == (1, 2)
    stray_trades.arrive(JUNE_16, csv_of(OF_16[:-1]))
    assert counts(stray_trades, JUNE_16) == (0, 1)


def test_a_file_that_another_run_imports_is_rechecked_by_the_next_poll(stray_trades: Nights) -> None:
    desk = stray_trades.desk()
    other = stray_trades.receipts.acquire(JUNE_16, "other", desk.clock.now(), desk.until())
    stray_trades.arrive(JUNE_17, csv_of(OF_17))
    assert counts(stray_trades, JUNE_16) == (0, 2)
    stray_trades.receipts.release(other)
    stray_trades.poll()
    assert counts(stray_trades, JUNE_16) == (2, 0)


def test_a_poll_reads_no_file_again_where_none_near_it_changed(
    stray_trades: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = newest(stray_trades, JUNE_16)
    assert before.compared_with == newest_files_near(FileDay(JUNE_16), stray_trades.desk())
    monkeypatch.setattr(stray_trades.store, "fetch", None)
    stray_trades.poll()
    assert newest(stray_trades, JUNE_16) == before


def test_files_a_week_away_are_among_those_compared(nights: Nights) -> None:
    nights.night(JUNE_16, csv_of(OF_16))
    texts = {newest_files_near(FileDay(date(2026, 6, 16 + days)), nights.desk()) for days in (-DAYS_NEAR, DAYS_NEAR)}
    assert texts == {"0616.1-imported"}
    assert {newest_files_near(FileDay(date(2026, 6, 16 + days)), nights.desk()) for days in (-8, 0, 8)} == {""}


def test_a_file_that_came_too_early_and_comes_again_decides(nights: Nights) -> None:
    nights.night(JUNE_15, csv_of([*OF_15, *STRAY]), "12:30")
    nights.at(JUNE_16, "13:00")
    nights.arrive(JUNE_16, WITHOUT)
    nights.arrive(JUNE_15, csv_of(OF_15))
    assert counts(nights, JUNE_15) == (0, 2)
    nights.at(JUNE_17)
    nights.arrive(JUNE_16, WITHOUT)
    assert counts(nights, JUNE_15) == (2, 0)


def test_a_trade_corrected_by_its_own_file_is_not_withdrawn_by_another(nights: Nights) -> None:
    early = some(1, "2026-06-16T22:30:00Z", "early", delivery_day="2026-06-17")
    nights.night(JUNE_16, csv_of([*OF_16, *(one._replace(price=1) for one in early)]))
    nights.night(JUNE_17, csv_of([*OF_17, *early]))
    nights.arrive(JUNE_17, csv_of(OF_17))
    assert (counts(nights, JUNE_16), counts(nights, JUNE_17)) == ((0, 0), (0, 1))
    nights.arrive(JUNE_16, csv_of(OF_16))
    assert (counts(nights, JUNE_16), counts(nights, JUNE_17)) == ((0, 0), (1, 0))


@pytest.mark.parametrize("days", [40, 41])
def test_the_last_forty_days_of_missing_trades_are_undecided(nights: Nights, days: int) -> None:
    nights.night(JUNE_15, csv_of(OF_15))
    missing = [JUNE_17 + timedelta(days=number) for number in range(days)]
    receipt = with_counts(newest(nights, JUNE_15), days, 0, None, nights.desk(), missing)
    assert receipt.undecided_days == tuple(missing[-40:])
