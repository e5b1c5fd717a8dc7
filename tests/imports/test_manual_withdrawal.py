"""A trade booked by mistake is withdrawn by hand, unless a file contains it; and restored."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from chalicelib.access.identity import Identity, Role
from chalicelib.audit.model import Act
from chalicelib.common.errors import ImportUnderWay, InvalidRequest, NotFound
from chalicelib.common.fields import InvalidValue
from chalicelib.feeds.feed import DAILY, Feed
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.key_pattern import KeyPattern
from chalicelib.imports import manual_withdrawal
from chalicelib.imports.manual_withdrawal import (
    RestoreTrade,
    WithdrawTrade,
    read_reason,
    read_revision,
    restore_trade,
    side_of,
    withdraw_trade,
)
from chalicelib.positions.model import Direction
from chalicelib.trades.revision import Posted, Revision
from chalicelib.trades.side import side_id
from chalicelib.trades.statement import as_v2
from tests.fixtures.import_nights import Nights, csv_of, some

JUNE_15, JUNE_16, JUNE_17 = date(2026, 6, 15), date(2026, 6, 16), date(2026, 6, 17)
OF_15 = some(20, "2026-06-15T10:00:00Z", "e")
OF_16 = some(20, "2026-06-16T10:00:00Z", "a")
OF_17 = some(20, "2026-06-17T10:00:00Z", "b")
[MISTAKE] = some(1, "2026-06-16T10:00:00Z", "mistake")


@pytest.fixture
def nights() -> Nights:
    """Return a book at noon of 16 June with a trade that was posted by mistake."""
    nights = Nights()
    nights.night(JUNE_15, csv_of(OF_15))
    nights.at(JUNE_16, "12:30")
    nights.post(MISTAKE)
    return nights


def withdraw(nights: Nights, trade_id: str = MISTAKE.id, revision: int = 1, reason: str = "a typo") -> Revision:
    return withdraw_trade(WithdrawTrade(trade_id, revision, reason, Identity("anna", Role.ADMIN)), nights.desk())


def restore(nights: Nights, revision: int = 2) -> Revision:
    return restore_trade(RestoreTrade(MISTAKE.id, revision, Identity("bert", Role.IMPORTER)), nights.desk())


def test_a_withdrawn_trade_counts_for_nothing_and_keeps_its_history(nights: Nights) -> None:
    before = nights.pnl(JUNE_16)
    revision = withdraw(nights)
    assert (revision.number, revision.withdrawn, revision.source) == (2, True, Posted("anna", "a typo"))
    assert (before, nights.pnl(JUNE_16)) == ("-100.00", "0.00")
    assert [one.number for one in nights.book.history(MISTAKE.id)] == [2, 1]
    assert nights.deviations() == ()


def test_withdrawal_is_audited_with_the_trade_and_the_reason(nights: Nights) -> None:
    withdraw(nights)
    [entry] = nights.book.audited
    assert (entry.deed.by, entry.deed.act, entry.deed.on) == ("anna", Act.TRADE_WITHDRAWN, MISTAKE.id)
    assert entry.before == {"withdrawn": False, "trade": MISTAKE.as_fields()}
    assert entry.after == {"withdrawn": True, "reason": "a typo"}


def test_repeating_a_withdrawal_changes_nothing(nights: Nights) -> None:
    first = withdraw(nights)
    assert withdraw(nights) == first
    assert len(nights.book.audited) == 1


@pytest.mark.parametrize(("revision", "reason"), [(2, "a typo"), (1, "another reason")])
def test_a_second_withdrawal_is_refused(nights: Nights, revision: int, reason: str) -> None:
    withdraw(nights)
    with pytest.raises(InvalidRequest, match="withdrawn already"):
        withdraw(nights, revision=revision, reason=reason)


def test_only_the_current_revision_is_withdrawn(nights: Nights) -> None:
    with pytest.raises(InvalidRequest) as refused:
        withdraw(nights, revision=7)
    assert [problem.field for problem in refused.value.problems] == ["revision"]
    assert MISTAKE.id in nights.standing()


def test_an_unknown_trade_is_not_found(nights: Nights) -> None:
    with pytest.raises(NotFound):
        withdraw(nights, "unknown")


def test_a_trade_in_the_newest_version_stays_and_the_line_is_named(nights: Nights) -> None:
    nights.night(JUNE_16, csv_of([*OF_16, MISTAKE]))
    with pytest.raises(InvalidRequest, match=r"line 22 of version 1 of epex_trades_20260616.csv contains trade"):
        withdraw(nights)
    assert MISTAKE.id in nights.standing()
    assert nights.book.audited == []


def test_a_trade_in_a_held_file_of_another_day_stays(nights: Nights) -> None:
    nights.night(JUNE_16, csv_of(OF_16))
    nights.night(JUNE_17, csv_of(OF_17))
    nights.arrive(JUNE_17, csv_of([*OF_17[:10], MISTAKE]))
    with pytest.raises(InvalidRequest, match="epex_trades_20260617"):
        withdraw(nights)


def test_a_trade_that_a_held_file_has_in_the_other_direction_stays(nights: Nights) -> None:
    nights.night(JUNE_16, csv_of(OF_16))
    nights.arrive(JUNE_16, csv_of([*OF_16[:10], MISTAKE._replace(direction=Direction.SELL)]))
    with pytest.raises(InvalidRequest, match=r"line 12 of version 2 of epex_trades_20260616\.csv"):
        withdraw(nights)


def test_a_file_that_contains_the_trade_restores_it_with_a_notice(nights: Nights) -> None:
    withdraw(nights)
    receipt = nights.night(JUNE_16, csv_of([*OF_16, MISTAKE]))
    assert MISTAKE.id in nights.standing()
    assert (receipt.booked, receipt.corrected) == (20, 1)
    body = nights.body(JUNE_16, "corrected")
    assert "1 trade that was withdrawn is back in the book." in body


def test_a_restored_trade_has_its_old_terms_and_source(nights: Nights) -> None:
    withdraw(nights)
    revision = restore(nights)
    assert (revision.number, revision.withdrawn, revision.trade, revision.source) == (
        3,
        False,
        MISTAKE,
        Posted("admin"),
    )
    assert nights.pnl(JUNE_16) == "-100.00"
    assert (nights.book.audited[-1].deed.act, nights.book.audited[-1].after) == (
        Act.TRADE_RESTORED,
        {"withdrawn": False},
    )
    assert restore(nights) == revision
    assert nights.deviations() == ()


def test_a_restored_revision_has_who_restored_it_until_the_next(nights: Nights) -> None:
    withdraw(nights)
    assert restore(nights).restored_by == "bert"
    assert withdraw(nights, revision=3).restored_by is None
    nights.night(JUNE_16, csv_of([*OF_16, MISTAKE]))
    history = nights.book.history(MISTAKE.id)
    assert [(one.number, one.restored_by) for one in history] == [
        (5, None),
        (4, None),
        (3, "bert"),
        (2, None),
        (1, None),
    ]


def test_a_file_that_confirms_a_restored_trade_keeps_who_restored_it(nights: Nights) -> None:
    withdraw(nights)
    restore(nights)
    nights.night(JUNE_16, csv_of([*OF_16, MISTAKE]))
    [current, *_] = nights.book.history(MISTAKE.id)
    assert (current.number, current.matched, current.restored_by) == (3, FileDay(JUNE_16), "bert")


def test_a_trade_that_a_file_withdrew_is_not_restored_by_hand(nights: Nights) -> None:
    nights.night(JUNE_16, csv_of([*OF_16, MISTAKE]))
    nights.arrive(JUNE_16, csv_of(OF_16))
    nights.confirm(JUNE_16)
    with pytest.raises(InvalidRequest, match="a file that has it restores it"):
        restore(nights, nights.book.words[MISTAKE.id][-1].number)


def test_withdrawal_waits_for_the_import_of_its_file(nights: Nights) -> None:
    now = nights.clock.now()
    nights.receipts.acquire(JUNE_16, "an import", now, now + timedelta(minutes=2))
    with pytest.raises(ImportUnderWay):
        withdraw(nights)
    assert MISTAKE.id in nights.standing()


def test_withdrawal_before_the_file_leaves_the_day_complete(nights: Nights) -> None:
    withdraw(nights)
    nights.night(JUNE_16, csv_of(OF_16))
    assert nights.state(JUNE_16) == "complete"


def test_withdrawal_of_a_later_delivery_leaves_its_day_complete(nights: Nights) -> None:
    [later] = some(1, "2026-06-16T10:00:00Z", "later", delivery_day=str(JUNE_17))
    nights.post(later)
    withdraw(nights, later.id)
    nights.night(JUNE_16, csv_of(OF_16))
    nights.night(JUNE_17, csv_of(OF_17))
    assert nights.state(JUNE_17) == "complete"


def test_a_side_is_withdrawn_although_a_file_has_the_other(nights: Nights) -> None:
    second = MISTAKE._replace(direction=Direction.SELL)
    nights.book.add([Revision(second, 1, Posted("tina"), "2026-06-16T10:40:00Z", side=2)])
    nights.night(JUNE_16, csv_of([*OF_16, second]))
    withdraw(nights)
    assert set(nights.standing()) & {MISTAKE.id, side_id("epex", MISTAKE.id, 2)} == {side_id("epex", MISTAKE.id, 2)}


def test_withdrawal_after_the_file_makes_the_day_corrected(nights: Nights) -> None:
    nights.night(JUNE_16, csv_of(OF_16))
    withdraw(nights)
    assert nights.state(JUNE_16) == "corrected"


def test_a_file_imported_between_search_and_write_keeps_the_trade(nights: Nights) -> None:
    nights.night(JUNE_16, csv_of(OF_16))
    nights.at(JUNE_17, "01:30")
    nights.book.before_correcting = lambda: nights.night(JUNE_17, csv_of([*OF_17, MISTAKE]))
    with pytest.raises(InvalidRequest, match="epex_trades_20260617"):
        withdraw(nights)
    assert MISTAKE.id in nights.standing()


def test_a_repeated_request_after_a_crash_searches_the_files_again(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    withdraw(nights)
    receipt = nights.receipts.newest([JUNE_15])[JUNE_15]
    monkeypatch.setattr(manual_withdrawal, "_file_line", lambda *_: (receipt, 7))
    with pytest.raises(InvalidRequest, match="line 7 of version 1"):
        withdraw(nights)
    assert MISTAKE.id in nights.standing()


@pytest.mark.parametrize(
    ("text", "reason"),
    [("a", "a"), (" a typo ", "a typo"), ("x" * 200, "x" * 200), (f" {'x' * 199}", "x" * 199)],
)
def test_a_reason_has_up_to_200_characters(text: str, reason: str) -> None:
    assert read_reason(text) == reason


@pytest.mark.parametrize("value", ["", "  ", "x" * 201, "a\nb", 7, None])
def test_no_other_value_is_a_reason(value: object) -> None:
    with pytest.raises(InvalidValue, match=r"^must be text of 1 to 200 printable characters$"):
        read_reason(value)


@pytest.mark.parametrize(
    ("value", "right"), [(1, True), (2, True), (0, False), (-1, False), (True, False), ("1", False)]
)
def test_a_revision_is_a_number_from_1(value: object, right: bool) -> None:
    if right:
        assert read_revision(value) == value
        return
    with pytest.raises(InvalidValue, match=r"^must be the number of the current revision$"):
        read_revision(value)


def test_a_side_is_found_by_its_direction_or_named(nights: Nights) -> None:
    second = MISTAKE._replace(direction=Direction.SELL)
    nights.book.add([Revision(second, 1, Posted("tina"), "2026-06-16T10:40:00Z", side=2)])
    assert side_of("epex", MISTAKE.id, "buy", nights.book) == MISTAKE.id
    assert side_of("epex", MISTAKE.id, "sell", nights.book) == side_id("epex", MISTAKE.id, 2)
    for venue, trade_id, direction in (("epex", "b", "buy"), ("moon", MISTAKE.id, "buy"), ("epex", "x" * 300, "sell")):
        with pytest.raises(NotFound) as missing:
            side_of(venue, trade_id, direction, nights.book)
        assert missing.value.message == f"there is no {direction} trade {trade_id!r} of venue {venue!r}"[:300]


def test_a_trade_that_imports_note_again_and_again_is_tried_five_times(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    def noted(old: Revision, new: Revision, *_: object) -> Revision:
        tries.append(new.number)
        return old

    monkeypatch.setattr(nights.book, "correct", noted)
    with pytest.raises(ImportUnderWay, match="trade 'mistake-0' is being imported; try again in a minute"):
        withdraw(nights)
    assert tries == [2] * 5


def test_the_audit_names_the_venue_and_the_fields_of_another_trade(nights: Nights) -> None:
    other = MISTAKE._replace(id="by phone", venue="otc")
    nights.book.add([Revision(other, 1, Posted("tina"), "2026-06-16T10:40:00Z")])
    withdraw(nights, side_id("otc", "by phone"))
    [entry] = nights.book.audited
    assert entry.deed.on == "by phone of otc"
    assert entry.before is not None
    assert entry.before["trade"] == as_v2(Revision(other, 1, Posted("tina"), "2026-06-16T10:40:00Z"))


def test_a_trade_in_a_file_that_is_gone_from_the_bucket_stays(nights: Nights) -> None:
    nights.night(JUNE_16, csv_of([*OF_16, MISTAKE]))
    nights.store.objects.clear()
    with pytest.raises(
        InvalidRequest, match=r"version 1 of epex_trades_20260616\.csv, which is gone from the bucket, con"
    ):
        withdraw(nights)
    assert MISTAKE.id in nights.standing()


def test_only_the_current_revision_of_a_withdrawn_trade_is_restored(nights: Nights) -> None:
    with pytest.raises(InvalidRequest, match="trade 'mistake-0' is not withdrawn"):
        restore(nights, revision=5)
    withdraw(nights)
    with pytest.raises(InvalidRequest) as refused:
        restore(nights, revision=1)
    assert [problem.message for problem in refused.value.problems] == ["must be the current revision, 2, got 1"]
    assert MISTAKE.id not in nights.standing()


@pytest.mark.parametrize(
    ("venue", "seen", "of_trade", "searched"),
    [
        (None, False, "epex", True),
        ("epex", False, "epex", True),
        ("nordpool", False, "epex", False),
        ("nordpool", True, "epex", True),
        ("daily", False, "epex", True),
        ("daily", False, "otc", False),
        ("daily", True, "otc", True),
    ],
)
def test_a_trade_is_searched_in_files_of_its_venue_and_those_that_had_it(
    nights: Nights, venue: str | None, seen: bool, of_trade: str, searched: bool
) -> None:
    otc = Feed("otc", KeyPattern("otc/{YYYYMMDD}.csv"), venue=venue)
    file = FileDay(JUNE_16, "daily" if venue == "daily" else "otc")
    noted = frozenset({file}) if seen else frozenset[FileDay]()
    revision = Revision(MISTAKE._replace(venue=of_trade), 1, Posted("tina"), "2026-06-16T10:40:00Z", noted=noted)
    assert manual_withdrawal._may_have(file, revision, replace(nights.desk(), feeds=(DAILY, otc))) is searched
