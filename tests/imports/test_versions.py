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
from tests.fixtures.import_sandbox import DyingBook, ImportSandbox, counts
from tests.fixtures.trades import FILE_DAY, fields, posted, trade


@pytest.fixture
def sandbox() -> ImportSandbox:
    return ImportSandbox()


def test_what_a_version_corrected_is_listed_with_its_lines(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(10)))
    sandbox.deliver(csv_of([*day_of(9), trade("9", price=7)]))
    assert list(sandbox.receipts.changes(FILE_DAY, 2)) == [
        FileChange(ChangeKind.CORRECTED, "9", 11, day_of(10)[9].as_fields(), trade("9", price=7).as_fields())
    ]
    assert list(sandbox.receipts.changes(FILE_DAY, 1)) == []


def test_missing_trades_are_listed_and_stay_booked_until_confirmed(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(10)))
    receipt = sandbox.deliver(csv_of(day_of(9)))
    assert (receipt.state, receipt.withdrawn) == (FileState.IMPORTED, 1)
    gone = day_of(10)[9].as_fields()
    assert list(sandbox.receipts.changes(FILE_DAY, 2)) == [FileChange(ChangeKind.WITHDRAWN, "9", None, gone)]
    sandbox.assert_holds(day_of(10))

    assert confirm_withdrawn(FILE_DAY, "anna", sandbox.context()).confirmed_at == "2023-03-05T12:00:00Z"
    sandbox.assert_positions(day_of(9))
    assert sandbox.book.history("9")[0].source == Posted("anna")
    assert sandbox.book.history("9")[0].withdrawn
    assert confirm_withdrawn(FILE_DAY, "anna", sandbox.context()).withdrawn == 1
    assert len(sandbox.book.history("9")) == 2


def test_what_was_withdrawn_is_kept_behind_the_lines_of_the_longest_file() -> None:
    assert f"{AFTER_ALL_LINES:07d}" > f"{Limits().rows + 1:07d}"


def test_the_next_version_does_not_forget_an_unconfirmed_withdrawal(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(10)))
    sandbox.deliver(csv_of(day_of(9)))
    assert sandbox.deliver(csv_of([*day_of(9), trade("new")])).withdrawn == 1
    assert sandbox.deliver(csv_of([*day_of(10), trade("new")])).withdrawn == 0


def test_a_withdrawn_trade_that_comes_back_is_booked_again(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(10)))
    sandbox.deliver(csv_of(day_of(9)))
    confirm_withdrawn(FILE_DAY, "anna", sandbox.context())
    assert counts(sandbox.deliver(csv_of(day_of(10)))) == (0, 9, 1, 0)
    sandbox.assert_holds(day_of(10))


def test_a_row_that_is_there_but_bad_is_not_withdrawn(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(10)))
    assert sandbox.deliver(csv_of(day_of(9), "9,x,1,buy,2023-02-28,9,trader_1,2023-02-20T10:00:00Z")).withdrawn == 0


EVE = date(2023, 2, 19)


def deliver_eve(sandbox: ImportSandbox, trades: list[Trade]) -> None:
    """Import a file of the day before, with trades of its own and with these."""
    own = [trade(f"eve{number}", execution_time="2023-02-19T10:00:00Z") for number in range(10)]
    sandbox.store.put(file_name(EVE), io.BytesIO(csv_of([*own, *trades])))
    assert import_daily_file(EVE, sandbox.context()).state is FileState.IMPORTED


def test_a_trade_that_another_days_newest_file_holds_is_not_withdrawn(sandbox: ImportSandbox) -> None:
    deliver_eve(sandbox, [day_of(10)[9]])
    sandbox.deliver(csv_of(day_of(10)))
    assert sandbox.deliver(csv_of(day_of(9))).withdrawn == 0
    assert sandbox.receipts.newest([FILE_DAY])[FILE_DAY].kept == 1


def test_a_trade_in_another_day_s_file_at_the_confirmation_stays(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(10)))
    assert sandbox.deliver(csv_of(day_of(9))).withdrawn == 1
    deliver_eve(sandbox, [day_of(10)[9]])
    assert confirm_withdrawn(FILE_DAY, "anna", sandbox.context()).withdrawn == 0
    assert not sandbox.book.words["9"][-1].withdrawn
    assert [one.kind for one in sandbox.receipts.changes(FILE_DAY, 2)] == [ChangeKind.KEPT]


def test_another_day_s_file_that_drops_a_trade_takes_nothing_from_its_own(sandbox: ImportSandbox) -> None:
    """Being already there in the file of the eve gives the eve no right to the trade."""
    sandbox.deliver(csv_of(day_of(10)))
    deliver_eve(sandbox, [day_of(10)[9]])
    deliver_eve(sandbox, [])
    assert sandbox.receipts.newest([EVE])[EVE].withdrawn == 0


def test_a_trade_is_not_withdrawn_before_its_own_file_is_imported(sandbox: ImportSandbox) -> None:
    deliver_eve(sandbox, [day_of(10)[9]])
    deliver_eve(sandbox, [])
    assert sandbox.receipts.newest([EVE])[EVE].withdrawn == 0
    assert not sandbox.book.words["9"][-1].withdrawn


def test_a_trade_of_another_file_that_no_newest_file_has_may_be_withdrawn(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(9)))
    deliver_eve(sandbox, [day_of(10)[9]])
    deliver_eve(sandbox, [])
    assert sandbox.receipts.newest([EVE])[EVE].withdrawn == 1


def test_a_trade_in_a_held_version_of_another_file_is_not_withdrawn(sandbox: ImportSandbox) -> None:
    """Somebody may accept that version: then the trade is in its newest file."""
    deliver_eve(sandbox, [])
    sandbox.deliver(csv_of(day_of(10)))
    sandbox.store.put(file_name(EVE), io.BytesIO(csv_of([day_of(10)[9]])))
    assert import_daily_file(EVE, sandbox.context()).state is FileState.HELD
    receipt = sandbox.deliver(csv_of(day_of(9)))
    assert (receipt.withdrawn, receipt.kept) == (0, 1)
    assert confirm_withdrawn(FILE_DAY, "anna", sandbox.context()) == receipt


def test_a_trade_missing_only_from_a_half_imported_version_is_kept(sandbox: ImportSandbox) -> None:
    deliver_eve(sandbox, [day_of(10)[9]])
    sandbox.deliver(csv_of(day_of(10)))
    newest = sandbox.receipts.newest([EVE])[EVE]
    deliver_eve(sandbox, [trade("of the eve", execution_time="2023-02-19T11:00:00Z")])
    half = sandbox.receipts.newest([EVE])[EVE]
    sandbox.receipts.days[EVE].keep(replace(half, state=FileState.IMPORTING))
    assert (newest.version, half.version) == (1, 2)
    assert sandbox.deliver(csv_of(day_of(9))).withdrawn == 0


def test_a_trade_is_kept_while_its_own_day_s_file_has_another_day_s_rows(sandbox: ImportSandbox) -> None:
    of_the_eve = trade("swapped", execution_time="2023-02-19T10:00:00Z")
    sandbox.deliver(csv_of([*day_of(9), of_the_eve]))
    sandbox.store.put(file_name(EVE), io.BytesIO(csv_of([trade("wrong day")])))
    wrong = import_daily_file(EVE, sandbox.context())
    assert (wrong.state, wrong.stands_for_its_day) == (FileState.IMPORTED, False)
    assert sandbox.deliver(csv_of(day_of(9))).withdrawn == 0


@pytest.mark.parametrize("own", [0, 4])
def test_a_version_of_mostly_another_day_s_rows_replaces_no_good_one(sandbox: ImportSandbox, own: int) -> None:
    sandbox.deliver(csv_of(day_of(10)))
    others = [trade(f"other{number}", execution_time="2023-02-19T10:00:00Z") for number in range(10 - own)]
    receipt = sandbox.deliver(csv_of([*day_of(own), *others]))
    few = "none of the 10 rows was" if not own else "only 4 of 10 rows were"
    assert (receipt.state, receipt.withdrawn) == (FileState.HELD, 0)
    assert receipt.reason == f"{few} executed on 2023-02-20, unlike those of version 1"
    sandbox.assert_holds(day_of(10))


def test_a_confirmation_means_the_version_that_was_looked_at(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(10)))
    sandbox.deliver(csv_of(day_of(9)))
    sandbox.deliver(csv_of(day_of(8)))
    with pytest.raises(InvalidRequest, match="not the newest any more"):
        confirm_withdrawn(FILE_DAY, "anna", sandbox.context(), version=2)
    sandbox.assert_positions(day_of(10))


def test_a_missing_earlier_version_is_reported(sandbox: ImportSandbox) -> None:
    first = sandbox.deliver(csv_of(day_of(10)))
    sandbox.receipts.days[FILE_DAY].keep(replace(first, object_version="9"))
    assert "nobody can tell which other trades are missing" in str(sandbox.deliver(csv_of(day_of(9))).reason)


ODD = [parse_trade(fields(**odd), stored=True) for odd in ({"id": "b "}, {"id": "u\u0308"}, {"trader_id": "\u2800"})]


@pytest.fixture
def imported_by_the_last_release(sandbox: ImportSandbox, monkeypatch: pytest.MonkeyPatch) -> ImportSandbox:
    """A book whose file has names that a release booked which asked less of them."""
    with monkeypatch.context() as before:
        before.setattr("chalicelib.common.fields.name_problem", lambda _: None)
        sandbox.deliver(csv_of([*day_of(20), *ODD]))
    sandbox.assert_holds([*day_of(20), *ODD])
    return sandbox


def test_an_old_name_in_a_new_version_is_a_bad_row_and_its_trade_stays(
    imported_by_the_last_release: ImportSandbox,
) -> None:
    receipt = imported_by_the_last_release.deliver(csv_of([*day_of(19), *ODD]))
    assert (receipt.quarantined, receipt.withdrawn) == (3, 1)
    problems = [row.problems[0].message for row in imported_by_the_last_release.receipts.quarantine(FILE_DAY, 2)]
    assert ["space" in problems[0], "NFC" in problems[1], "U+2800" in problems[2]] == [True, True, True]
    imported_by_the_last_release.assert_holds([*day_of(20), *ODD])


def test_a_trade_of_an_old_name_is_withdrawn_like_any_other(imported_by_the_last_release: ImportSandbox) -> None:
    assert imported_by_the_last_release.deliver(csv_of(day_of(20))).withdrawn == 3
    confirm_withdrawn(FILE_DAY, "anna", imported_by_the_last_release.context())
    imported_by_the_last_release.assert_positions(day_of(20))


def test_a_row_that_was_refused_for_its_name_is_never_withdrawn(sandbox: ImportSandbox) -> None:
    sandbox.book.add([posted(ODD[0])])
    assert sandbox.deliver(csv_of([*day_of(20), ODD[0]])).quarantined == 1
    assert sandbox.deliver(csv_of(day_of(20))).withdrawn == 0


def test_a_file_of_old_names_that_comes_again_is_there(imported_by_the_last_release: ImportSandbox) -> None:
    again = imported_by_the_last_release.deliver(csv_of([*day_of(20), *ODD]))
    assert (again.version, again.state, counts(again)) == (1, FileState.IMPORTED, (0, 23, 0, 0))


@pytest.mark.parametrize(("rows", "state"), [(160, FileState.IMPORTED), (159, FileState.HELD)])
def test_a_version_with_far_fewer_rows_is_held(sandbox: ImportSandbox, rows: int, state: FileState) -> None:
    sandbox.deliver(csv_of(day_of(200)))
    assert sandbox.deliver(csv_of(day_of(rows))).state is state
    sandbox.assert_holds(day_of(200))


def test_a_version_of_one_row_says_so(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(2)))
    assert sandbox.deliver(csv_of(day_of(1))).reason == "it has 1 row, version 1 had 2"


def test_a_confirmed_version_is_imported_and_its_withdrawals_are_made(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(10)))
    sandbox.deliver(csv_of(day_of(2)))
    assert sandbox.run().state is FileState.HELD
    confirmed = confirm_withdrawn(FILE_DAY, "anna", sandbox.context())
    assert (confirmed.state, confirmed.withdrawn) == (FileState.IMPORTED, 8)
    sandbox.assert_positions(day_of(2))


@pytest.mark.parametrize("content", [b"x,y\n", csv_of(day_of(2)), csv_of(day_of(10))[:-30]])
def test_a_receipt_that_is_not_booked_remembers_which_version_is(sandbox: ImportSandbox, content: bytes) -> None:
    first = sandbox.deliver(csv_of(day_of(10)))
    second = sandbox.deliver(content)
    assert (second.standing_version, second.standing_at) == (1, first.imported_at)
    third = sandbox.deliver(content + b" ")
    assert (third.version, third.standing_version) == (3, 1)


def test_without_anything_imported_there_is_nothing_to_confirm(sandbox: ImportSandbox) -> None:
    with pytest.raises(NotFound):
        confirm_withdrawn(FILE_DAY, "anna", sandbox.context())


def test_a_file_that_was_rejected_has_nothing_to_confirm(sandbox: ImportSandbox) -> None:
    sandbox.deliver(b"id,prize\n1,2\n")
    with pytest.raises(NotFound):
        confirm_withdrawn(FILE_DAY, "anna", sandbox.context())


def test_the_same_content_as_a_new_object_is_compared_once_and_then_known(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(5)))
    sandbox.deliver(csv_of(day_of(5)))
    assert already_imported(FILE_DAY, KEY, "2", sandbox.receipts)


def test_the_same_rows_in_another_order_change_nothing(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(10)))
    receipt = sandbox.deliver(csv_of(day_of(10)[::-1]))
    assert (receipt.version, counts(receipt), receipt.withdrawn) == (2, (0, 10, 0, 0), 0)
    assert sandbox.notices.sent == []


def test_the_next_version_is_not_compared_with_a_rejected_or_waiting_one(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(10)))
    sandbox.deliver(b"x,y\n")
    sandbox.store.put(KEY, io.BytesIO(csv_of(day_of(9))))
    assert sandbox.run().withdrawn == 1


@pytest.mark.parametrize("confirmed", [1, 3])
def test_what_is_confirmed_must_be_the_version_that_is_held(sandbox: ImportSandbox, confirmed: int) -> None:
    sandbox.deliver(csv_of(day_of(10)))
    sandbox.deliver(csv_of(day_of(2)))
    with pytest.raises(InvalidRequest, match=f"version {confirmed} of the file of 2023-02-20 is not the newest"):
        import_daily_file(FILE_DAY, sandbox.context(), acceptance=Acceptance(confirmed, "anna"))
    sandbox.assert_holds(day_of(10))


def test_what_is_confirmed_must_not_have_become_another_content(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(10)))
    sandbox.deliver(csv_of(day_of(2)))
    sandbox.store.put(KEY, io.BytesIO(csv_of(day_of(3))))
    with pytest.raises(InvalidRequest, match="not the newest"):
        import_daily_file(FILE_DAY, sandbox.context(), acceptance=Acceptance(2, "anna"))
    sandbox.assert_holds(day_of(10))


def test_without_an_import_a_receipt_names_no_booked_version(sandbox: ImportSandbox) -> None:
    refused = sandbox.deliver(b"x,y\n")
    assert (refused.version, refused.standing_version, refused.standing_at) == (1, 0, None)


def test_a_crashed_confirmed_import_is_finished_by_the_next_poll(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(10)))
    sandbox.deliver(csv_of([trade("new")]))
    with pytest.raises(Unavailable):
        confirm_withdrawn(FILE_DAY, "anna", sandbox.context(DyingBook(sandbox.book, 0, lost_reply=False)))
    assert sandbox.receipts.newest([FILE_DAY])[FILE_DAY].state is FileState.IMPORTING
    assert (sandbox.run().state, sandbox.run().withdrawn) == (FileState.IMPORTED, 10)
    assert sandbox.book.find("new") is not None


def test_to_confirm_again_or_where_nothing_was_withdrawn_changes_nothing(sandbox: ImportSandbox) -> None:
    whole = sandbox.deliver(csv_of(day_of(10)))
    assert confirm_withdrawn(FILE_DAY, "anna", sandbox.context()) == whole
    sandbox.deliver(csv_of(day_of(9)))
    confirmed = confirm_withdrawn(FILE_DAY, "anna", sandbox.context())
    sandbox.clock.time += timedelta(hours=1)
    assert confirm_withdrawn(FILE_DAY, "ole", sandbox.context()) == confirmed
    assert sandbox.receipts.confirmed_by == "anna"


@pytest.mark.parametrize("then", [(), ("5,x,5,buy,2023-02-20,5,trader_1,2023-02-20T10:00:00Z",)])
def test_an_import_that_an_older_release_began_ends_under_its_rules(
    sandbox: ImportSandbox, then: tuple[str, ...]
) -> None:
    """Names that end in a space were good, and so were columns that nobody compared."""
    header, *rows = csv_of([*day_of(5_000), *day_of(3)], f"odd ,{','.join(row_of(trade())[1:])}", *then).split(b"\n")
    content = b"\n".join([header + b",unit", *(row + b",GW" for row in rows if row), b""])
    sandbox.store.put(KEY, io.BytesIO(content))
    kept = [QuarantinedRow(5_006, (Problem("price", "is no number"),))] if then else []
    begun = Receipt(
        FILE_DAY,
        1,
        FileState.IMPORTING,
        KEY,
        hashlib.sha256(content).hexdigest(),
        object_version=sandbox.store.newest_version(KEY) or "",
        rows=5_004 + len(then),
        booked=2,
        quarantined=len(then),
        progress=3,
    )
    with sandbox.context().lease(FILE_DAY) as lease:
        sandbox.book.add(
            [Revision(one, 1, FromFile(FILE_DAY, 1, line), SAID_AT) for line, one in enumerate(day_of(2), 2)]
        )
        sandbox.receipts.store_quarantine(lease, 1, kept)
        sandbox.receipts.save(lease, begun, sandbox.context().until())
    ended = sandbox.run()
    assert ended.state is (FileState.PROVISIONAL if then else FileState.IMPORTED)
    assert (counts(ended), ended.rules) == ((5_001, 3, 0, len(then)), 1)
    assert "odd " in sandbox.book.words


SAID_AT = "2023-03-05T12:00:00Z"


def row_of(one: Trade) -> list[str]:
    return [str(value) for value in one.as_fields().values()]


def test_a_trade_whose_row_was_quarantined_is_missed_once_its_row_is_gone(sandbox: ImportSandbox) -> None:
    whole = csv_of(day_of(10))
    spoilt = whole.replace(b"\n9,9,", b"\n9,x,")
    assert spoilt != whole
    sandbox.deliver(whole)
    assert sandbox.deliver(spoilt).withdrawn == 0
    last = sandbox.deliver(csv_of(day_of(9)))
    assert (last.state, last.withdrawn) == (FileState.IMPORTED, 1)
    assert [change.trade_id for change in sandbox.receipts.changes(FILE_DAY, 3)] == ["9"]


def test_a_comparison_whose_time_is_up_is_made_again(sandbox: ImportSandbox) -> None:
    trades = day_of(4_001)
    first = sandbox.deliver(csv_of(trades))
    for one in (trades[0], trades[-1]):
        word = sandbox.book.words[one.id][-1]
        assert sandbox.book.correct(word, word.withdrawal(Posted("anna"), SAID_AT)) is None
    sandbox.time_left = timedelta(seconds=29)
    sandbox.store.put(KEY, io.BytesIO(csv_of(trades)))
    begun = import_daily_file(FILE_DAY, sandbox.context())
    assert (begun.corrected, begun.object_version) == (1, first.object_version)
    newest = sandbox.store.newest_version(KEY) or ""
    assert not already_imported(FILE_DAY, KEY, newest, sandbox.receipts)

    sandbox.time_left = timedelta.max
    assert sandbox.run().corrected == 1
    assert already_imported(FILE_DAY, KEY, newest, sandbox.receipts)
    sandbox.assert_holds(trades)
