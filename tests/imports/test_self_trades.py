"""Self-trades in daily files: two rows of one id in both directions are two sides of a trade, one row is one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import FileState
from chalicelib.imports.acceptance import accept
from chalicelib.positions.model import VENUE, Direction
from chalicelib.trades.model import State, Trade
from chalicelib.trades.revision import Revision
from chalicelib.trades.rules import Outcome
from chalicelib.trades.service import find_side
from tests.fixtures.import_nights import Nights, csv_of, some
from tests.fixtures.import_sandbox import counts
from tests.fixtures.june_files import JUNE_15, JUNE_16, JUNE_17, OF_16, OF_17, outcome
from tests.fixtures.trades import positions_of

[BUY] = some(1, "2026-06-16T10:00:00Z", "p", trader_id="bot_a", price=5000)
SELL = BUY._replace(direction=Direction.SELL, trader_id="bot_b")
OTHER = BUY._replace(direction=Direction.SELL)
"""The row of `BUY` as the exchange corrected it."""


@pytest.fixture
def nights() -> Nights:
    return Nights()


def sides(nights: Nights) -> set[Trade]:
    """Return the sides that count."""
    return {trade for name, trade in nights.standing().items() if name.startswith("p-0")}


def side(nights: Nights, trade: Trade) -> Revision:
    found = find_side(trade.key, nights.book)
    assert found is not None
    return found


def file_of(*rows: Trade) -> bytes:
    return csv_of([*OF_16, *rows])


def test_both_rows_of_a_self_trade_are_booked(nights: Nights) -> None:
    receipt = nights.night(JUNE_16, file_of(BUY, SELL))
    assert outcome(receipt) == (FileState.IMPORTED, (22, 0, 0, 0), 0)
    assert sides(nights) == {BUY, SELL}
    cash = {position.key.trader_id: position.change for position in nights.book.positions(JUNE_16, None)}
    assert cash["bot_a"].buy_cash == cash["bot_b"].sell_cash > 0
    assert (nights.told(), nights.deviations()) == ([], ())
    assert counts(nights.again(JUNE_16)) == (0, 22, 0, 0)


@pytest.mark.parametrize("before", [(BUY,), (SELL,), ()])
@pytest.mark.parametrize("rows", list(permutations([BUY, SELL])))
def test_a_second_row_in_a_later_version_is_a_second_side(
    nights: Nights, before: Sequence[Trade], rows: Sequence[Trade]
) -> None:
    nights.night(JUNE_16, file_of(*before))
    receipt = nights.night(JUNE_16, file_of(*rows), "02:00")
    assert outcome(receipt) == (FileState.IMPORTED, (2 - len(before), 20 + len(before), 0, 0), 0)
    assert (sides(nights), nights.deviations()) == ({BUY, SELL}, ())


def test_a_row_that_a_later_version_lacks_is_missing_by_its_side(nights: Nights) -> None:
    nights.night(JUNE_16, file_of(BUY, SELL))
    receipt = nights.night(JUNE_16, file_of(SELL), "02:00")
    assert outcome(receipt) == (FileState.IMPORTED, (0, 21, 0, 0), 1)
    assert sides(nights) == {BUY, SELL}
    [change] = nights.receipts.changes(JUNE_16, 2)
    assert (change.trade_id, change.old) == (BUY.id, BUY.as_fields())
    assert nights.confirm(JUNE_16).withdrawn == 1
    assert (sides(nights), nights.deviations()) == ({SELL}, ())
    restored = nights.night(JUNE_16, file_of(SELL, BUY), "03:00")
    assert outcome(restored) == (FileState.IMPORTED, (0, 21, 1, 0), 0)
    assert (sides(nights), nights.deviations()) == ({BUY, SELL}, ())


def test_both_rows_that_a_later_version_lacks_are_missing(nights: Nights) -> None:
    nights.night(JUNE_16, file_of(SELL, BUY))
    assert nights.night(JUNE_16, file_of(), "02:00").withdrawn == 2
    accept(JUNE_16, "anna", nights.desk())
    assert (sides(nights), nights.deviations()) == (set(), ())
    assert outcome(nights.night(JUNE_16, file_of(BUY, SELL), "03:00")) == (FileState.IMPORTED, (0, 20, 2, 0), 0)


def test_a_single_row_of_the_other_direction_corrects(nights: Nights) -> None:
    nights.night(JUNE_16, file_of(BUY))
    receipt = nights.night(JUNE_16, file_of(OTHER), "02:00")
    assert outcome(receipt) == (FileState.IMPORTED, (0, 20, 1, 0), 0)
    assert (sides(nights), nights.deviations()) == ({OTHER}, ())
    assert nights.night(JUNE_16, file_of(), "03:00").withdrawn == 1


def test_a_corrected_direction_and_the_former_one_later_are_two_sides(nights: Nights) -> None:
    nights.night(JUNE_16, file_of(BUY))
    nights.night(JUNE_16, file_of(OTHER), "02:00")
    again = BUY._replace(price=4000)
    receipt = nights.night(JUNE_16, file_of(again, OTHER), "03:00")
    assert outcome(receipt) == (FileState.IMPORTED, (1, 21, 0, 0), 0)
    assert (sides(nights), nights.deviations()) == ({again, OTHER}, ())


@pytest.mark.parametrize("rows", list(permutations([BUY, SELL])))
@pytest.mark.parametrize("posted", [BUY, SELL])
def test_a_posted_side_is_matched_and_the_other_booked(nights: Nights, posted: Trade, rows: Sequence[Trade]) -> None:
    nights.at(JUNE_16, "14:00")
    assert nights.post(posted) is Outcome.BOOKED
    receipt = nights.night(JUNE_16, file_of(*rows))
    assert outcome(receipt) == (FileState.IMPORTED, (21, 1, 0, 0), 0)
    assert (sides(nights), side(nights, posted).matched) == ({BUY, SELL}, FileDay(JUNE_16))


def test_each_side_is_corrected_by_the_row_of_its_direction(nights: Nights) -> None:
    nights.night(JUNE_16, file_of(BUY, SELL))
    dearer = SELL._replace(price=6000)
    receipt = nights.night(JUNE_16, file_of(dearer, BUY), "02:00")
    assert outcome(receipt) == (FileState.IMPORTED, (0, 21, 1, 0), 0)
    assert (sides(nights), nights.deviations()) == ({BUY, dearer}, ())
    assert len(nights.book.sides(VENUE, BUY.id)) == 2


def test_rows_of_one_direction_still_repeat_or_contradict(nights: Nights) -> None:
    other = SELL._replace(price=1)
    receipt = nights.night(JUNE_16, file_of(BUY, SELL, BUY, other))
    assert outcome(receipt) == (FileState.PROVISIONAL, (21, 1, 0, 2), 0)
    quarantined = nights.receipts.quarantine(JUNE_16, 1)
    assert [row.without_values for row in quarantined] == [
        f"line {line}: id: stands on lines 23, 25 with different terms" for line in (23, 25)
    ]
    assert sides(nights) == {BUY}


def test_a_bad_row_of_one_side_corrects_nothing(nights: Nights) -> None:
    nights.at(JUNE_16, "14:00")
    nights.post(BUY)
    bad = csv_of([BUY]).decode().splitlines()[1].replace("5000", "x")
    receipt = nights.night(JUNE_16, csv_of([*OF_16, SELL], bad))
    assert outcome(receipt) == (FileState.PROVISIONAL, (21, 0, 0, 1), 0)
    assert sides(nights) == {BUY, SELL}
    receipt = nights.night(JUNE_16, file_of(SELL), "02:00")
    assert (receipt.withdrawn, sides(nights)) == (0, {BUY, SELL})


def test_a_file_of_another_day_that_has_a_side_keeps_it(nights: Nights) -> None:
    nights.night(JUNE_16, file_of(BUY, SELL))
    nights.night(JUNE_17, csv_of([*OF_17, SELL]))
    receipt = nights.night(JUNE_16, file_of(), "02:00")
    assert (receipt.withdrawn, receipt.kept) == (1, 1)
    nights.confirm(JUNE_16)
    assert sides(nights) == {SELL}


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_files_of_several_days_agree_in_any_order(nights: Nights, order: Sequence[int]) -> None:
    """The file of the day of execution leads, whichever comes first."""
    files: list[tuple[date, list[Trade]]] = [
        (JUNE_15, [BUY, *some(3, "2026-06-15T10:00:00Z", "e")]),
        (JUNE_16, [*OF_16, SELL, BUY]),
        (JUNE_17, [*OF_17, SELL._replace(price=7)]),
    ]
    nights.at(date(2026, 6, 18))
    for number in order:
        day, rows = files[number]
        nights.arrive(day, csv_of(rows))
    assert (sides(nights), nights.deviations()) == ({BUY, SELL}, ())


def test_a_row_noted_on_the_only_side_keeps_the_second(nights: Nights) -> None:
    nights.night(JUNE_16, file_of(BUY))
    nights.night(JUNE_17, csv_of([*OF_17, SELL]))  # stale, as the file of the 16th leads
    nights.night(JUNE_16, file_of(BUY, SELL), "02:00")
    receipt = nights.night(JUNE_16, file_of(BUY), "03:00")
    assert (receipt.withdrawn, receipt.kept) == (0, 1)


def test_an_id_used_again_clashes_by_its_side(nights: Nights) -> None:
    [old] = some(1, "2026-01-17T10:00:00Z", "p")
    nights.night(date(2026, 1, 17), csv_of([old]))
    receipt = nights.night(JUNE_16, file_of(BUY, SELL))
    assert outcome(receipt) == (FileState.PROVISIONAL, (21, 0, 0, 1), 0)
    assert sides(nights) == {old, SELL}
    assert nights.deviations() == ()


def test_a_recalled_side_is_not_corrected_to_the_other_direction(nights: Nights) -> None:
    nights.night(JUNE_16, file_of(BUY))
    current = side(nights, BUY)
    nights.book.correct(
        current, current.next(BUY._replace(state=State.RECALLED), current.source, "2026-06-17T00:00:00Z")
    )
    receipt = nights.night(JUNE_16, file_of(SELL), "02:00")
    assert outcome(receipt) == (FileState.IMPORTED, (1, 20, 0, 0), 0)
    assert side(nights, BUY).trade.state is State.RECALLED
    assert side(nights, SELL).counts


ROWS = st.lists(
    st.builds(
        Trade._replace,
        st.sampled_from([BUY, SELL, BUY._replace(id="q"), SELL._replace(id="q")]),
        price=st.sampled_from([5000, 6000]),
        trader_id=st.sampled_from(["bot_a", "bot_b"]),
    ),
    unique_by=lambda trade: trade.key,
)


@given(st.lists(st.tuples(ROWS, st.booleans(), st.booleans()), max_size=5), ROWS)
def test_any_versions_end_with_the_sides_of_the_last(
    versions: list[tuple[list[Trade], bool, bool]], last: list[Trade]
) -> None:
    """Whatever came before, was confirmed or imported again."""
    nights = Nights()
    nights.at(JUNE_17, "01:00")
    for rows, confirmed, again in [*versions, (last, True, True)]:
        receipt = nights.arrive(JUNE_16, file_of(*rows))
        if confirmed and receipt.unconfirmed:
            nights.confirm(JUNE_16)
        if again:
            assert counts(nights.again(JUNE_16))[:1] + counts(nights.again(JUNE_16))[2:] == (0, 0, 0)
        assert set(rows) <= set(nights.standing().values())
    assert set(nights.standing().values()) == {*OF_16, *last}
    assert nights.deviations() == ()
    held = {position.key: position.change for position in nights.book.positions(JUNE_16, None)}
    assert {key: change for key, change in held.items() if change.trades} == {
        position.key: position.change for position in positions_of(nights.standing().values())
    }
