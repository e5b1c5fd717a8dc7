"""Newer versions of a daily file: corrections, withdrawals, and versions that are held until somebody confirms."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from datetime import date, timedelta

import pytest

from chalicelib.common.errors import InvalidRequest, NotFound, Problem, Unavailable
from chalicelib.feeds.feed import file_name
from chalicelib.feeds.file_change import ChangeKind, FileChange
from chalicelib.feeds.receipt import FileState, QuarantinedRow, Receipt
from chalicelib.imports.confirmation import confirm_withdrawn
from chalicelib.imports.file_import import Acceptance
from chalicelib.imports.service import already_imported, import_daily_file
from chalicelib.imports.validation import Limits
from chalicelib.imports.withdrawals import AFTER_ALL_LINES
from chalicelib.trades.model import Trade, parse_trade
from chalicelib.trades.revision import FromFile, Posted, Revision
from tests.fixtures.daily_files import KEY, csv_of, day_of
from tests.fixtures.import_sandbox import DyingBook, World, counts
from tests.fixtures.trades import FILE_DAY, fields, posted, trade


@pytest.fixture
def world() -> World:
    return World()


def test_what_a_version_corrected_is_listed_with_its_lines(world: World) -> None:
    world.deliver(csv_of(day_of(10)))
    world.deliver(csv_of([*day_of(9), trade("9", price=7)]))
    assert world.receipts.changes(FILE_DAY, 2) == [
        FileChange(ChangeKind.CORRECTED, "9", 11, day_of(10)[9].as_fields(), trade("9", price=7).as_fields())
    ]
    assert world.receipts.changes(FILE_DAY, 1) == []


def test_missing_trades_are_listed_and_stay_booked_until_confirmed(world: World) -> None:
    world.deliver(csv_of(day_of(10)))
    receipt = world.deliver(csv_of(day_of(9)))
    assert (receipt.state, receipt.withdrawn) == (FileState.IMPORTED, 1)
    gone = day_of(10)[9].as_fields()
    assert world.receipts.changes(FILE_DAY, 2) == [FileChange(ChangeKind.WITHDRAWN, "9", None, gone)]
    world.assert_holds(day_of(10))

    assert confirm_withdrawn(FILE_DAY, "anna", world.desk()).confirmed_at == "2023-03-05T12:00:00Z"
    world.assert_positions(day_of(9))
    assert world.book.history("9")[0].source == Posted("anna")
    assert world.book.history("9")[0].withdrawn
    assert confirm_withdrawn(FILE_DAY, "anna", world.desk()).withdrawn == 1
    assert len(world.book.history("9")) == 2


def test_what_was_withdrawn_is_kept_behind_the_lines_of_the_longest_file() -> None:
    assert f"{AFTER_ALL_LINES:07d}" > f"{Limits().rows + 1:07d}"


def test_the_next_version_does_not_forget_an_unconfirmed_withdrawal(world: World) -> None:
    world.deliver(csv_of(day_of(10)))
    world.deliver(csv_of(day_of(9)))
    assert world.deliver(csv_of([*day_of(9), trade("new")])).withdrawn == 1
    assert world.deliver(csv_of([*day_of(10), trade("new")])).withdrawn == 0


def test_a_withdrawn_trade_that_comes_back_is_booked_again(world: World) -> None:
    world.deliver(csv_of(day_of(10)))
    world.deliver(csv_of(day_of(9)))
    confirm_withdrawn(FILE_DAY, "anna", world.desk())
    assert counts(world.deliver(csv_of(day_of(10)))) == (0, 9, 1, 0)
    world.assert_holds(day_of(10))


def test_a_row_that_is_there_but_bad_is_not_withdrawn(world: World) -> None:
    world.deliver(csv_of(day_of(10)))
    assert world.deliver(csv_of(day_of(9), "9,x,1,buy,2023-02-28,9,trader_1,2023-02-20T10:00:00Z")).withdrawn == 0


EVE = date(2023, 2, 19)


def deliver_eve(world: World, trades: list[Trade]) -> None:
    """Import a file of the day before, with trades of its own and with these."""
    own = [trade(f"eve{number}", execution_time="2023-02-19T10:00:00Z") for number in range(10)]
    world.store.put(file_name(EVE), io.BytesIO(csv_of([*own, *trades])))
    assert import_daily_file(EVE, world.desk()).state is FileState.IMPORTED


def test_a_trade_that_another_days_newest_file_holds_is_not_withdrawn(world: World) -> None:
    deliver_eve(world, [day_of(10)[9]])
    world.deliver(csv_of(day_of(10)))
    assert world.deliver(csv_of(day_of(9))).withdrawn == 0
    assert world.receipts.newest([FILE_DAY])[FILE_DAY].kept == 1


def test_a_trade_in_another_day_s_file_at_the_confirmation_stays(world: World) -> None:
    world.deliver(csv_of(day_of(10)))
    assert world.deliver(csv_of(day_of(9))).withdrawn == 1
    deliver_eve(world, [day_of(10)[9]])
    assert confirm_withdrawn(FILE_DAY, "anna", world.desk()).withdrawn == 0
    assert not world.book.words["9"][-1].withdrawn
    assert [one.kind for one in world.receipts.changes(FILE_DAY, 2)] == [ChangeKind.KEPT]


def test_another_day_s_file_that_drops_a_trade_takes_nothing_from_its_own(world: World) -> None:
    """Being already there in the file of the eve gives the eve no right to the trade."""
    world.deliver(csv_of(day_of(10)))
    deliver_eve(world, [day_of(10)[9]])
    deliver_eve(world, [])
    assert world.receipts.newest([EVE])[EVE].withdrawn == 0


def test_a_trade_is_not_withdrawn_before_its_own_file_is_imported(world: World) -> None:
    deliver_eve(world, [day_of(10)[9]])
    deliver_eve(world, [])
    assert world.receipts.newest([EVE])[EVE].withdrawn == 0
    assert not world.book.words["9"][-1].withdrawn


def test_a_trade_of_another_file_that_no_newest_file_has_may_be_withdrawn(world: World) -> None:
    world.deliver(csv_of(day_of(9)))
    deliver_eve(world, [day_of(10)[9]])
    deliver_eve(world, [])
    assert world.receipts.newest([EVE])[EVE].withdrawn == 1


def test_a_trade_in_a_held_version_of_another_file_is_not_withdrawn(world: World) -> None:
    """Somebody may accept that version: then the trade is in its newest file."""
    deliver_eve(world, [])
    world.deliver(csv_of(day_of(10)))
    world.store.put(file_name(EVE), io.BytesIO(csv_of([day_of(10)[9]])))
    assert import_daily_file(EVE, world.desk()).state is FileState.HELD
    receipt = world.deliver(csv_of(day_of(9)))
    assert (receipt.withdrawn, receipt.kept) == (0, 1)
    assert confirm_withdrawn(FILE_DAY, "anna", world.desk()) == receipt


def test_a_trade_missing_only_from_a_half_imported_version_is_kept(world: World) -> None:
    deliver_eve(world, [day_of(10)[9]])
    world.deliver(csv_of(day_of(10)))
    newest = world.receipts.newest([EVE])[EVE]
    deliver_eve(world, [trade("of the eve", execution_time="2023-02-19T11:00:00Z")])
    half = world.receipts.newest([EVE])[EVE]
    world.receipts.days[EVE].keep(replace(half, state=FileState.IMPORTING))
    assert (newest.version, half.version) == (1, 2)
    assert world.deliver(csv_of(day_of(9))).withdrawn == 0


def test_a_trade_is_kept_while_its_own_day_s_file_has_another_day_s_rows(world: World) -> None:
    of_the_eve = trade("swapped", execution_time="2023-02-19T10:00:00Z")
    world.deliver(csv_of([*day_of(9), of_the_eve]))
    world.store.put(file_name(EVE), io.BytesIO(csv_of([trade("wrong day")])))
    wrong = import_daily_file(EVE, world.desk())
    assert (wrong.state, wrong.stands_for_its_day) == (FileState.IMPORTED, False)
    assert world.deliver(csv_of(day_of(9))).withdrawn == 0


@pytest.mark.parametrize("own", [0, 4])
def test_a_version_of_mostly_another_day_s_rows_replaces_no_good_one(world: World, own: int) -> None:
    world.deliver(csv_of(day_of(10)))
    others = [trade(f"other{number}", execution_time="2023-02-19T10:00:00Z") for number in range(10 - own)]
    receipt = world.deliver(csv_of([*day_of(own), *others]))
    few = "none of its 10 rows was" if not own else "only 4 of its 10 rows were"
    assert (receipt.state, receipt.withdrawn) == (FileState.HELD, 0)
    assert receipt.reason == f"{few} executed on 2023-02-20, unlike those of version 1"
    world.assert_holds(day_of(10))


def test_a_confirmation_means_the_version_that_was_looked_at(world: World) -> None:
    world.deliver(csv_of(day_of(10)))
    world.deliver(csv_of(day_of(9)))
    world.deliver(csv_of(day_of(8)))
    with pytest.raises(InvalidRequest, match="not the newest any more"):
        confirm_withdrawn(FILE_DAY, "anna", world.desk(), version=2)
    world.assert_positions(day_of(10))


def test_a_missing_earlier_version_is_reported(world: World) -> None:
    first = world.deliver(csv_of(day_of(10)))
    world.receipts.days[FILE_DAY].keep(replace(first, object_version="9"))
    assert "nobody can tell what else was withdrawn" in str(world.deliver(csv_of(day_of(9))).reason)


ODD = [parse_trade(fields(**odd), stored=True) for odd in ({"id": "b "}, {"id": "u\u0308"}, {"trader_id": "\u2800"})]


@pytest.fixture
def imported_by_the_last_release(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A book whose file has names that a release booked which asked less of them."""
    with monkeypatch.context() as before:
        before.setattr("chalicelib.common.fields.name_problem", lambda _: None)
        world.deliver(csv_of([*day_of(20), *ODD]))
    world.assert_holds([*day_of(20), *ODD])
    return world


def test_an_old_name_in_a_new_version_is_a_bad_row_and_its_trade_stays(
    imported_by_the_last_release: World,
) -> None:
    receipt = imported_by_the_last_release.deliver(csv_of([*day_of(19), *ODD]))
    assert (receipt.quarantined, receipt.withdrawn) == (3, 1)
    problems = [row.problems[0].message for row in imported_by_the_last_release.receipts.quarantine(FILE_DAY, 2)]
    assert ["space" in problems[0], "NFC" in problems[1], "U+2800" in problems[2]] == [True, True, True]
    imported_by_the_last_release.assert_holds([*day_of(20), *ODD])


def test_a_trade_of_an_old_name_is_withdrawn_like_any_other(imported_by_the_last_release: World) -> None:
    assert imported_by_the_last_release.deliver(csv_of(day_of(20))).withdrawn == 3
    confirm_withdrawn(FILE_DAY, "anna", imported_by_the_last_release.desk())
    imported_by_the_last_release.assert_positions(day_of(20))


def test_a_row_that_was_refused_for_its_name_is_never_withdrawn(world: World) -> None:
    world.book.add([posted(ODD[0])])
    assert world.deliver(csv_of([*day_of(20), ODD[0]])).quarantined == 1
    assert world.deliver(csv_of(day_of(20))).withdrawn == 0


def test_a_file_of_old_names_that_comes_again_is_there(imported_by_the_last_release: World) -> None:
    again = imported_by_the_last_release.deliver(csv_of([*day_of(20), *ODD]))
    assert (again.version, again.state, counts(again)) == (1, FileState.IMPORTED, (0, 23, 0, 0))


@pytest.mark.parametrize(("rows", "state"), [(160, FileState.IMPORTED), (159, FileState.HELD)])
def test_a_version_with_far_fewer_rows_is_held(world: World, rows: int, state: FileState) -> None:
    world.deliver(csv_of(day_of(200)))
    assert world.deliver(csv_of(day_of(rows))).state is state
    world.assert_holds(day_of(200))


def test_a_confirmed_version_is_imported_and_its_withdrawals_are_made(world: World) -> None:
    world.deliver(csv_of(day_of(10)))
    world.deliver(csv_of(day_of(2)))
    assert world.run().state is FileState.HELD
    confirmed = confirm_withdrawn(FILE_DAY, "anna", world.desk())
    assert (confirmed.state, confirmed.withdrawn) == (FileState.IMPORTED, 8)
    world.assert_positions(day_of(2))


@pytest.mark.parametrize("content", [b"x,y\n", csv_of(day_of(2)), csv_of(day_of(10))[:-30]])
def test_a_receipt_that_is_not_booked_remembers_which_version_is(world: World, content: bytes) -> None:
    first = world.deliver(csv_of(day_of(10)))
    second = world.deliver(content)
    assert (second.standing_version, second.standing_at) == (1, first.imported_at)
    third = world.deliver(content + b" ")
    assert (third.version, third.standing_version) == (3, 1)


def test_without_anything_imported_there_is_nothing_to_confirm(world: World) -> None:
    with pytest.raises(NotFound):
        confirm_withdrawn(FILE_DAY, "anna", world.desk())


def test_a_file_that_was_rejected_has_nothing_to_confirm(world: World) -> None:
    world.deliver(b"id,prize\n1,2\n")
    with pytest.raises(NotFound):
        confirm_withdrawn(FILE_DAY, "anna", world.desk())


def test_the_same_content_as_a_new_object_is_compared_once_and_then_known(world: World) -> None:
    world.deliver(csv_of(day_of(5)))
    world.deliver(csv_of(day_of(5)))
    assert already_imported(FILE_DAY, "2", world.receipts)


def test_the_same_rows_in_another_order_change_nothing(world: World) -> None:
    world.deliver(csv_of(day_of(10)))
    receipt = world.deliver(csv_of(day_of(10)[::-1]))
    assert (receipt.version, counts(receipt), receipt.withdrawn) == (2, (0, 10, 0, 0), 0)
    assert world.notices.sent == []


def test_the_next_version_is_not_compared_with_a_rejected_or_waiting_one(world: World) -> None:
    world.deliver(csv_of(day_of(10)))
    world.deliver(b"x,y\n")
    world.store.put(KEY, io.BytesIO(csv_of(day_of(9))))
    assert world.run().withdrawn == 1


@pytest.mark.parametrize("confirmed", [1, 3])
def test_what_is_confirmed_must_be_the_version_that_is_held(world: World, confirmed: int) -> None:
    world.deliver(csv_of(day_of(10)))
    world.deliver(csv_of(day_of(2)))
    with pytest.raises(InvalidRequest, match=f"version {confirmed} of the file of 2023-02-20 is not the newest"):
        import_daily_file(FILE_DAY, world.desk(), acceptance=Acceptance(confirmed, "anna"))
    world.assert_holds(day_of(10))


def test_what_is_confirmed_must_not_have_become_another_content(world: World) -> None:
    world.deliver(csv_of(day_of(10)))
    world.deliver(csv_of(day_of(2)))
    world.store.put(KEY, io.BytesIO(csv_of(day_of(3))))
    with pytest.raises(InvalidRequest, match="not the newest"):
        import_daily_file(FILE_DAY, world.desk(), acceptance=Acceptance(2, "anna"))
    world.assert_holds(day_of(10))


def test_without_an_import_a_receipt_names_no_booked_version(world: World) -> None:
    refused = world.deliver(b"x,y\n")
    assert (refused.version, refused.standing_version, refused.standing_at) == (1, 0, None)


def test_a_crashed_confirmed_import_is_finished_by_the_next_poll(world: World) -> None:
    world.deliver(csv_of(day_of(10)))
    world.deliver(csv_of([trade("new")]))
    with pytest.raises(Unavailable):
        confirm_withdrawn(FILE_DAY, "anna", world.desk(DyingBook(world.book, 0, lost_reply=False)))
    assert world.receipts.newest([FILE_DAY])[FILE_DAY].state is FileState.IMPORTING
    assert (world.run().state, world.run().withdrawn) == (FileState.IMPORTED, 10)
    assert world.book.find("new") is not None


def test_to_confirm_again_or_where_nothing_was_withdrawn_changes_nothing(world: World) -> None:
    whole = world.deliver(csv_of(day_of(10)))
    assert confirm_withdrawn(FILE_DAY, "anna", world.desk()) == whole
    world.deliver(csv_of(day_of(9)))
    confirmed = confirm_withdrawn(FILE_DAY, "anna", world.desk())
    world.clock.time += timedelta(hours=1)
    assert confirm_withdrawn(FILE_DAY, "ole", world.desk()) == confirmed
    assert world.receipts.confirmed_by == "anna"


@pytest.mark.parametrize("then", [(), ("5,x,5,buy,2023-02-20,5,trader_1,2023-02-20T10:00:00Z",)])
def test_an_import_that_an_older_release_began_ends_under_its_rules(world: World, then: tuple[str, ...]) -> None:
    """Names that end in a space were good, and so were columns that nobody compared."""
    header, *rows = csv_of([*day_of(5_000), *day_of(3)], f"odd ,{','.join(row_of(trade())[1:])}", *then).split(b"\n")
    content = b"\n".join([header + b",unit", *(row + b",GW" for row in rows if row), b""])
    world.store.put(KEY, io.BytesIO(content))
    kept = [QuarantinedRow(5_006, (Problem("price", "is no number"),))] if then else []
    begun = Receipt(
        FILE_DAY,
        1,
        FileState.IMPORTING,
        KEY,
        hashlib.sha256(content).hexdigest(),
        object_version=world.store.newest_version(KEY) or "",
        rows=5_004 + len(then),
        booked=2,
        quarantined=len(then),
        progress=3,
    )
    with world.desk().lease(FILE_DAY) as lease:
        world.book.add(
            [Revision(one, 1, FromFile(FILE_DAY, 1, line), SAID_AT) for line, one in enumerate(day_of(2), 2)]
        )
        world.receipts.store_quarantine(lease, 1, kept)
        world.receipts.save(lease, begun, world.desk().until())
    ended = world.run()
    assert ended.state is (FileState.PROVISIONAL if then else FileState.IMPORTED)
    assert (counts(ended), ended.rules) == ((5_001, 3, 0, len(then)), 1)
    assert "odd " in world.book.words


SAID_AT = "2023-03-05T12:00:00Z"


def row_of(one: Trade) -> list[str]:
    return [str(value) for value in one.as_fields().values()]


def test_a_trade_whose_row_was_quarantined_is_missed_once_its_row_is_gone(world: World) -> None:
    whole = csv_of(day_of(10))
    spoilt = whole.replace(b"\n9,9,", b"\n9,x,")
    assert spoilt != whole
    world.deliver(whole)
    assert world.deliver(spoilt).withdrawn == 0
    last = world.deliver(csv_of(day_of(9)))
    assert (last.state, last.withdrawn) == (FileState.IMPORTED, 1)
    assert [change.trade_id for change in world.receipts.changes(FILE_DAY, 3)] == ["9"]


def test_a_comparison_whose_time_is_up_is_made_again(world: World) -> None:
    trades = day_of(4_001)
    first = world.deliver(csv_of(trades))
    for one in (trades[0], trades[-1]):
        word = world.book.words[one.id][-1]
        assert world.book.correct(word, word.withdrawal(Posted("anna"), SAID_AT)) is None
    world.time_left = timedelta(seconds=29)
    world.store.put(KEY, io.BytesIO(csv_of(trades)))
    begun = import_daily_file(FILE_DAY, world.desk())
    assert (begun.corrected, begun.object_version) == (1, first.object_version)
    newest = world.store.newest_version(KEY) or ""
    assert not already_imported(FILE_DAY, newest, world.receipts)

    world.time_left = timedelta.max
    assert world.run().corrected == 1
    assert already_imported(FILE_DAY, newest, world.receipts)
    world.assert_holds(trades)
