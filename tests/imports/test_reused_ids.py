"""Ids that a file uses again for other trades: quarantined, or the file is held."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from chalicelib.feeds.receipt import FileState
from chalicelib.trades.model import Trade
from tests.fixtures.import_nights import Nights, csv_of, some
from tests.fixtures.import_sandbox import counts
from tests.fixtures.june_files import (
    JUNE_15,
    JUNE_16,
    JUNE_17,
    OF_16,
    OF_17,
    outcome,
)


@pytest.fixture
def nights() -> Nights:
    return Nights()


def renamed(trades: Sequence[Trade], ids: Sequence[Trade]) -> list[Trade]:
    """Return these trades under the ids of those."""
    return [one._replace(id=other.id) for one, other in zip(trades, ids, strict=False)]


class TestIds:
    def test_an_id_of_another_days_trade_is_quarantined(self, nights: Nights) -> None:
        old = some(1, "2026-01-17T10:00:00Z", "id")
        nights.night(date(2026, 1, 17), csv_of(old))
        receipt = nights.night(JUNE_17, csv_of([*OF_17, *some(1, "2026-06-17T11:00:00Z", "id")]))
        assert outcome(receipt) == (FileState.PROVISIONAL, (20, 0, 0, 1), 0)
        [row] = nights.receipts.quarantine(JUNE_17, 1)
        assert (row.line, row.problems[0].message) == (
            22,
            "already used by a trade executed on 17 Jan 2026, got 'id-0'",
        )
        assert (nights.standing()["id-0"], nights.deviations()) == (old[0], ())
        assert nights.told() == [("2026-06-17", "quarantined")]

    def test_a_row_that_repeats_one_whose_id_is_in_use_is_quarantined_too(self, nights: Nights) -> None:
        nights.night(JUNE_16, csv_of(OF_16))
        [other] = renamed(OF_17[:1], OF_16)
        receipt = nights.night(JUNE_17, csv_of([other, *OF_17[1:], OF_17[1], other, other]))
        assert outcome(receipt) == (FileState.PROVISIONAL, (19, 1, 0, 3), 0)
        assert [row.line for row in nights.receipts.quarantine(JUNE_17, 1)] == [2, 23, 24]
        assert nights.deviations() == ()
        assert counts(nights.again(JUNE_17)) == (0, 20, 0, 3)

    @pytest.mark.parametrize("rows", [1, 3, 20])
    def test_a_file_whose_ids_are_all_in_use_is_held(self, nights: Nights, rows: int) -> None:
        nights.night(JUNE_16, csv_of(OF_16))
        held = nights.night(JUNE_17, csv_of(renamed(OF_17[:rows], OF_16[:rows])))
        reason = f"{rows} of {rows} rows have the id of a trade executed on another day, the first, on line 2,"
        assert (held.state, held.reason) == (
            FileState.HELD,
            f"{reason} that of a trade of 2026-06-16: does the exchange restart its ids?",
        )
        assert "a-0" not in nights.body(JUNE_17, "held"), "a notice names no id"

    def test_a_file_that_had_no_good_row_is_held_like_others_once_it_has_some(self, nights: Nights) -> None:
        """Its rows were executed after it was stored; it is stored again later, and nobody has accepted it."""
        nights.night(JUNE_16, csv_of(OF_16))
        copied = csv_of(OF_16[:3])
        nights.at(JUNE_15, "20:00")
        assert (nights.arrive(JUNE_15, copied).state, nights.told()) == (
            FileState.PROVISIONAL,
            [("2026-06-15", "quarantined")],
        )
        nights.at(JUNE_17)
        nights.put(JUNE_15, copied)
        assert nights.again(JUNE_15).state is FileState.HELD

    @pytest.mark.parametrize("rows", [1, 3])
    def test_an_accepted_file_whose_ids_are_all_in_use_is_not_held_again(self, nights: Nights, rows: int) -> None:
        nights.night(JUNE_16, csv_of(OF_16))
        nights.night(JUNE_17, csv_of(renamed(OF_17[:rows], OF_16[:rows])))
        accepted = nights.confirm(JUNE_17)
        assert outcome(accepted) == (FileState.PROVISIONAL, (0, 0, 0, rows), 0)
        assert outcome(nights.again(JUNE_17)) == outcome(accepted)
        nights.poll()
        assert nights.receipts.newest([JUNE_17])[JUNE_17].state is FileState.PROVISIONAL

    @pytest.mark.parametrize(("clashes", "state"), [(10, FileState.PROVISIONAL), (11, FileState.HELD)])
    def test_more_than_ten_and_one_per_cent_of_clashes_are_held(
        self, nights: Nights, clashes: int, state: FileState
    ) -> None:
        nights.night(JUNE_16, csv_of(OF_16))
        own = some(300, "2026-06-17T10:00:00Z", "c")
        receipt = nights.night(JUNE_17, csv_of([*renamed(OF_17[:clashes], OF_16[:clashes]), *own]))
        assert receipt.state is state
        assert {one: nights.standing()[one.id] for one in OF_16} == {one: one for one in OF_16}

    def test_eleven_clashes_of_very_many_rows_are_quarantined(self, nights: Nights) -> None:
        nights.night(JUNE_16, csv_of(OF_16))
        own = some(1089, "2026-06-17T10:00:00Z", "c")
        receipt = nights.night(JUNE_17, csv_of([*renamed(OF_17[:11], OF_16[:11]), *own]))
        assert outcome(receipt) == (FileState.PROVISIONAL, (1089, 0, 0, 11), 0)

    def test_an_accepted_file_of_ids_in_use_still_corrects_no_other_trade(self, nights: Nights) -> None:
        nights.night(JUNE_16, csv_of(OF_16))
        nights.night(JUNE_17, csv_of([*renamed(OF_17[:19], OF_16[:19]), OF_17[19]]))
        nights.confirm(JUNE_17)
        receipt = nights.receipts.newest([JUNE_17])[JUNE_17]
        assert outcome(receipt) == (FileState.PROVISIONAL, (1, 0, 0, 19), 0)
        assert (list(nights.standing().values()), nights.deviations()) == ([*OF_16, OF_17[19]], ())

    @pytest.mark.parametrize(("corrections", "state"), [(10, FileState.IMPORTED), (11, FileState.HELD)])
    def test_a_first_version_that_corrects_many_trades_of_other_files_is_held(
        self, nights: Nights, corrections: int, state: FileState
    ) -> None:
        nights.night(JUNE_16, csv_of([*OF_16, *OF_17]))
        others = [one._replace(price=1) for one in OF_17[:corrections]]
        receipt = nights.night(JUNE_17, csv_of([*others, *OF_17[corrections:]]))
        assert receipt.state is state
        if state is FileState.HELD:
            assert receipt.reason == (
                f"it is the first file of its day, and would correct {corrections} trades of the files of other days"
            )

    def test_times_that_agree_are_one_trade_across_midnight(self, nights: Nights) -> None:
        """A desk posted the time to the microsecond; the exchange rounds it into the next day."""
        nights.post(OF_17[0]._replace(execution_time="2026-06-16T21:59:59.7Z"))
        rounded = OF_17[0]._replace(execution_time="2026-06-16T22:00:00Z")
        receipt = nights.night(JUNE_17, csv_of([rounded, *OF_17[1:]]))
        assert outcome(receipt) == (FileState.IMPORTED, (19, 1, 0, 0), 0)
        assert nights.standing()["b-0"].execution_time == "2026-06-16T21:59:59.7Z"
