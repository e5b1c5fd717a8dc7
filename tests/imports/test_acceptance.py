"""Accepting: one verb for all that a person may decide of a file day, which says beforehand what it does."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chalicelib.access.identity import Identity, Role
from chalicelib.common.errors import InvalidRequest, Unavailable
from chalicelib.feeds.feed import file_name
from chalicelib.feeds.file_change import ChangeKind
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.feeds.service import show_file
from chalicelib.feeds.store import Lease
from chalicelib.imports.acceptance import accept, accept_proposed, propose
from chalicelib.imports.file_import import Acceptance
from chalicelib.imports.manual_withdrawal import WithdrawTrade, withdraw_trade
from chalicelib.imports.polling import poll
from chalicelib.imports.service import import_daily_file
from chalicelib.notices.model import Kind
from chalicelib.reports.completeness import State, completeness
from chalicelib.trades.model import Trade
from tests.fixtures.daily_files import csv_of, day_of
from tests.fixtures.import_sandbox import ImportSandbox
from tests.fixtures.trades import FILE_DAY, posted, trade

ADMIN = Identity("admin", Role.ADMIN)
LATER = datetime(2023, 3, 6, 12, tzinfo=UTC)


@pytest.fixture
def sandbox() -> ImportSandbox:
    return ImportSandbox()


def newest(sandbox: ImportSandbox) -> Receipt | None:
    return sandbox.receipts.newest([FILE_DAY]).get(FILE_DAY)


def unavailable(*_: object) -> None:
    raise Unavailable("gone")


def nothing_to_accept(sandbox: ImportSandbox, *, footer: bool = False) -> str:
    """Return why, and make sure that the proposal and the act say so alike and change nothing."""
    before = newest(sandbox)
    with pytest.raises(InvalidRequest) as proposed:
        propose(FILE_DAY, sandbox.context(), footer=footer)
    with pytest.raises(InvalidRequest) as acted:
        accept(FILE_DAY, "anna", sandbox.context(), footer=footer)
    assert proposed.value.message == acted.value.message
    assert newest(sandbox) == before
    assert sandbox.receipts.known_footers == {}
    return proposed.value.message


def test_quarantined_rows_are_accepted_and_stay_out(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(10), "bad"))
    proposal = propose(FILE_DAY, sandbox.context())
    assert " ".join(proposal.steps) == (
        f"Leave 1 quarantined row of version 1 of the file of {FILE_DAY} out of the book for good; "
        "the file then counts as imported."
    )
    before = newest(sandbox)
    assert before is not None
    assert not before.settled
    accepted = accept(FILE_DAY, "anna", sandbox.context(), proposal.version)
    assert (accepted.state, accepted.quarantined, accepted.settled) == (FileState.IMPORTED, 1, True)
    assert (accepted.accepted_at, accepted.accepted_by) == ("2023-03-05T12:00:00Z", "anna")
    assert newest(sandbox) == accepted
    assert sandbox.receipts.confirmed_by == "anna"
    assert len(sandbox.receipts.quarantine(FILE_DAY, 1)) == 1
    assert nothing_to_accept(sandbox).endswith("everything of version 1 is settled")


def test_the_same_bytes_again_stay_accepted_and_another_version_is_not(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(10), "bad"))
    accept(FILE_DAY, "anna", sandbox.context())
    again = sandbox.deliver(csv_of(day_of(10), "bad"))
    assert (again.state, again.accepted_by) == (FileState.IMPORTED, "anna")
    other = sandbox.deliver(csv_of([*day_of(10), trade("new")], "bad"))
    assert (other.state, other.accepted_by) == (FileState.PROVISIONAL, None)


AFTER = FILE_DAY + timedelta(days=1)


def test_a_plan_for_reused_ids_says_that_nothing_would_be_booked(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(10)))
    others = [one._replace(execution_time="2023-02-21T10:00:00Z") for one in day_of(10)]
    sandbox.store.put(file_name(AFTER), io.BytesIO(csv_of(others)))
    assert import_daily_file(AFTER, sandbox.context()).state is FileState.HELD
    [step] = propose(AFTER, sandbox.context()).steps
    assert step.endswith("Of its rows 0 are new, 0 are in the book already, 10 are no valid trades.")


def test_a_plan_names_rows_with_other_terms_apart_from_those_in_the_book(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(20)))
    sandbox.deliver(csv_of([*day_of(9), trade("9", price=7)]))
    first = propose(FILE_DAY, sandbox.context()).steps[0]
    assert "0 are new, 9 are in the book already, 0 are no valid trades, 1 states other terms than the book." in first


def test_a_held_version_is_imported_and_what_it_does_not_have_taken_out(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(10)))
    sandbox.deliver(csv_of(day_of(5), "bad"))
    steps = propose(FILE_DAY, sandbox.context()).steps
    assert steps[0] == (
        f"Import version 2 of the file of {FILE_DAY}, which is held: it has 6 rows, version 1 had 10. "
        "Of its rows 0 are new, 5 are in the book already, 1 is no valid trade."
    )
    assert steps[1].startswith("Withdraw 5 trades of an earlier version that neither this one nor another file has;")
    assert "accepting it again accepts those" in steps[2]
    accepted = accept(FILE_DAY, "anna", sandbox.context(), 2)
    assert (accepted.state, accepted.withdrawn, accepted.accepted_at) == (FileState.PROVISIONAL, 5, None)
    sandbox.assert_positions(day_of(5))
    assert accept(FILE_DAY, "anna", sandbox.context(), 2).settled


def test_notices_of_an_acceptance_call_no_withdrawn_trade_booked(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(10)))
    sandbox.deliver(csv_of([*day_of(4), trade("4", price=7)], "bad"))
    before = len(sandbox.notices.sent)
    accept(FILE_DAY, "anna", sandbox.context(), 2)
    sent = sandbox.notices.sent[before:]
    assert [subject.rpartition(" 2023-02-20 ")[2] for subject, _ in sent] == [
        "has rows that are no valid trades",
        "changes trades that were booked",
        "was accepted; 5 trades are taken out of the book",
    ]
    assert not [body for _, body in sent for word in ("missing from", "stay booked", "does not have") if word in body]


def test_a_trade_that_was_taken_out_by_hand_is_not_shown_again(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(10)))
    sandbox.deliver(csv_of(day_of(9)))
    [missing] = propose(FILE_DAY, sandbox.context()).changes
    current = sandbox.book.find(missing.trade_id)
    assert current is not None
    withdraw_trade(WithdrawTrade(missing.trade_id, current.number, "a slip", ADMIN), sandbox.context())
    assert propose(FILE_DAY, sandbox.context()).changes == ()


def test_a_trade_that_another_file_has_by_now_is_not_shown_as_withdrawn(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(10)))
    sandbox.deliver(csv_of(day_of(9)))
    assert [change.trade_id for change in propose(FILE_DAY, sandbox.context()).changes] == ["9"]
    far = FILE_DAY + timedelta(days=8)  # no recheck goes so far
    own = trade("own", execution_time=f"{far}T10:00:00Z")
    sandbox.store.put(file_name(far), io.BytesIO(csv_of([own, *day_of(10)[9:]])))
    assert import_daily_file(far, sandbox.context()).state is FileState.IMPORTED
    assert propose(FILE_DAY, sandbox.context()).changes == ()
    accepted = accept(FILE_DAY, "anna", sandbox.context())
    assert (accepted.withdrawn, accepted.kept) == (0, 1)
    sandbox.assert_holds([*day_of(10), own])


def test_a_trade_that_became_missing_since_it_was_shown_is_not_withdrawn(sandbox: ImportSandbox) -> None:
    def of_next_day(*more: Trade) -> None:
        own = [trade(f"own {number}", execution_time=f"{AFTER}T10:00:00Z") for number in range(9)]
        sandbox.store.put(file_name(AFTER), io.BytesIO(csv_of([*own, *more])))
        import_daily_file(AFTER, sandbox.context())

    sandbox.deliver(csv_of(day_of(10)))
    of_next_day(day_of(10)[9])
    sandbox.deliver(csv_of(day_of(8)))
    shown = propose(FILE_DAY, sandbox.context())
    assert [change.trade_id for change in shown.changes] == ["8"]
    of_next_day()
    with pytest.raises(InvalidRequest, match="has changed; read it again"):
        accept_proposed(FILE_DAY, shown.token, ADMIN, sandbox.context())
    again = propose(FILE_DAY, sandbox.context())
    assert [change.trade_id for change in again.changes] == ["8", "9"]
    assert accept_proposed(FILE_DAY, again.token, ADMIN, sandbox.context()).withdrawn == 2


def test_an_acceptance_that_a_crash_ended_goes_on_with_its_token(
    sandbox: ImportSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.deliver(csv_of(day_of(10)))
    sandbox.deliver(csv_of(day_of(8)))
    token = propose(FILE_DAY, sandbox.context()).token
    with monkeypatch.context() as patch:
        patch.setattr(sandbox.receipts, "store_changes", unavailable)
        with pytest.raises(Unavailable):
            accept_proposed(FILE_DAY, token, ADMIN, sandbox.context())
    sandbox.assert_positions(day_of(8))
    assert propose(FILE_DAY, sandbox.context()).changes == ()
    assert accept_proposed(FILE_DAY, token, ADMIN, sandbox.context()).settled


def test_what_a_broken_off_acceptance_took_out_is_shown_as_put_back(
    sandbox: ImportSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another file has it by then, in a row that does not book it."""
    far = FILE_DAY + timedelta(days=8)
    own = [trade(f"own {number}", execution_time=f"{far}T10:00:00Z") for number in range(9)]

    def of_far_day(*more: Trade) -> None:
        sandbox.store.put(file_name(far), io.BytesIO(csv_of([*own, *more])))
        import_daily_file(far, sandbox.context())

    ninth = day_of(10)[9]
    sandbox.deliver(csv_of(day_of(10)))
    of_far_day(ninth)
    of_far_day()
    sandbox.deliver(csv_of(day_of(9)))
    with monkeypatch.context() as patch:
        patch.setattr(sandbox.receipts, "store_changes", unavailable)
        with pytest.raises(Unavailable):
            accept(FILE_DAY, "anna", sandbox.context())
    of_far_day(ninth._replace(price=1), ninth._replace(price=2))
    sandbox.assert_positions([*day_of(9), *own])

    shown = propose(FILE_DAY, sandbox.context())
    assert [(change.kind, change.trade_id, change.old) for change in shown.changes] == [
        (ChangeKind.RESTORED, "9", None)
    ]
    assert "Put back 1 trade that another file has by now" in shown.steps[-1]
    accepted = accept_proposed(FILE_DAY, shown.token, ADMIN, sandbox.context())
    assert (accepted.withdrawn, accepted.kept) == (0, 1)
    sandbox.assert_positions([*day_of(10), *own])


def test_a_posted_trade_of_a_quarantined_row_is_not_shown_as_withdrawn(sandbox: ImportSandbox) -> None:
    doubtful, other = (trade(name, delivery_day=FILE_DAY.isoformat()) for name in ("doubtful", "other"))
    sandbox.book.add([posted(doubtful), posted(other)])
    sandbox.deliver(csv_of([*day_of(10), doubtful._replace(price=1), doubtful._replace(price=2)]))
    assert [change.trade_id for change in propose(FILE_DAY, sandbox.context()).changes] == ["other"]
    accept(FILE_DAY, "anna", sandbox.context())
    withdrawn = {name for name, words in sandbox.book.words.items() if words[-1].withdrawn}
    assert withdrawn == {"other"}
    assert nothing_to_accept(sandbox).endswith("everything of version 1 is settled")


def test_missing_trades_and_quarantined_rows_are_accepted_at_once(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(10)))
    sandbox.deliver(csv_of(day_of(9), "bad"))
    steps = propose(FILE_DAY, sandbox.context()).steps
    assert [step.split(" ")[:2] for step in steps] == [["Withdraw", "1"], ["Leave", "1"]]
    accepted = accept(FILE_DAY, "anna", sandbox.context(), 2)
    assert (accepted.withdrawn, accepted.confirmed_at) == (1, "2023-03-05T12:00:00Z")
    assert accepted.settled
    sandbox.assert_positions(day_of(9))


def test_an_import_that_did_not_end_is_ended(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(10)))
    sandbox.time_left = timedelta(0)
    half = sandbox.deliver(csv_of(day_of(9)))
    assert half.state is FileState.IMPORTING
    sandbox.time_left = timedelta.max
    assert propose(FILE_DAY, sandbox.context()).steps[0].startswith("End the import of version 2")
    assert accept(FILE_DAY, "anna", sandbox.context(), 2).settled
    sandbox.assert_positions(day_of(9))


def test_a_day_without_a_file_is_accepted_as_such(sandbox: ImportSandbox) -> None:
    poll(sandbox.context())
    at = sandbox.clock.now()
    day = date(2023, 3, 4)
    assert [notice.kind for notice in sandbox.receipts.outbox.of([day])] == [Kind.LATE]
    proposal = propose(day, sandbox.context())
    assert (proposal.version, len(proposal.steps)) == (0, 1)
    assert proposal.steps[0].startswith("Record that no file of 2023-03-04 will come")
    absent = accept(day, "anna", sandbox.context(), 0)
    assert (absent.version, absent.state) == (0, FileState.ABSENT)
    assert absent.reason == "no file of 04 Mar 2023, accepted by anna"
    assert (absent.settled, absent.usable, absent.awaited) == (True, True, False)
    polled = poll(sandbox.context())
    assert FileDay(day) not in polled.missing
    shown = show_file(day, ADMIN, sandbox.receipts, sandbox.receipts.outbox).as_json()
    assert shown["newest"]["state"] == "absent"  # type: ignore[index]  # JSON
    assert shown["newest"]["sha256"] is None  # type: ignore[index]  # JSON
    assert [one["version"] for one in shown["versions"]] == [0]  # type: ignore[attr-defined]  # JSON
    the_day_before = Receipt(date(2023, 3, 3), 1, FileState.IMPORTED, "k", "s", "o")
    receipts = {absent.file_day: absent, the_day_before.file_day: the_day_before}
    assert completeness(day, receipts, at).state is State.COMPLETE


def test_no_late_notice_is_sent_for_an_accepted_day(sandbox: ImportSandbox) -> None:
    day = date(2023, 3, 4)
    sandbox.clock.time = datetime(2023, 3, 5, 1, tzinfo=UTC)
    accept(day, "anna", sandbox.context())
    sandbox.clock.time = LATER
    assert day not in poll(sandbox.context()).late


def test_a_file_that_comes_after_all_is_version_1(sandbox: ImportSandbox) -> None:
    accept(FILE_DAY, "anna", sandbox.context())
    receipt = sandbox.deliver(csv_of(day_of(10)))
    assert (receipt.version, receipt.state, receipt.booked) == (1, FileState.IMPORTED, 10)
    assert (receipt.standing_version, receipt.accepted_at) == (0, None)
    assert [one.version for one in sandbox.receipts.versions(FILE_DAY)] == [1, 0]
    with pytest.raises(InvalidRequest, match=r"version 0 of the file of .* is not the newest any more"):
        accept(FILE_DAY, "anna", sandbox.context(), 0)


def test_a_file_that_comes_after_all_and_is_rejected_is_not_accepted(sandbox: ImportSandbox) -> None:
    accept(FILE_DAY, "anna", sandbox.context())
    rejected = sandbox.deliver(b"no daily file\n")
    assert (rejected.version, rejected.state, rejected.usable) == (1, FileState.REJECTED, False)
    assert "version 1 is rejected" in nothing_to_accept(sandbox)


def test_a_file_that_is_there_and_not_imported_is_no_absent_one(sandbox: ImportSandbox) -> None:
    sandbox.store.put(file_name(FILE_DAY), io.BytesIO(csv_of(day_of(1))))
    assert "is there and not imported; run voltbook check" in nothing_to_accept(sandbox)


def test_a_day_that_is_not_over_is_not_accepted(sandbox: ImportSandbox) -> None:
    sandbox.clock.time = datetime(FILE_DAY.year, FILE_DAY.month, FILE_DAY.day, 22, tzinfo=UTC)
    assert f"{FILE_DAY} is not over" in nothing_to_accept(sandbox)


def test_what_cannot_be_accepted_says_what_to_do(sandbox: ImportSandbox) -> None:
    sandbox.deliver(b"no daily file\n")
    assert "put the right file in its place under the same name" in nothing_to_accept(sandbox)
    sandbox.deliver(csv_of(day_of(3)))
    assert nothing_to_accept(sandbox).endswith("everything of version 2 is settled")
    sandbox.deliver(b"no daily file either\n")
    assert "version 2 stays in the book, and its file may be put there again" in nothing_to_accept(sandbox)


def test_a_file_of_bad_rows_alone_is_not_accepted(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of([], "bad"))
    assert "no row of it is a valid trade" in nothing_to_accept(sandbox)


@pytest.mark.parametrize("version", [0, 1, 3])
def test_another_version_than_the_one_that_was_meant_is_refused(version: int, sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(10)))
    sandbox.deliver(csv_of(day_of(9), "bad"))
    with pytest.raises(InvalidRequest, match="is not the newest any more"):
        accept(FILE_DAY, "anna", sandbox.context(), version)
    sandbox.assert_holds(day_of(10))


def test_a_version_that_arrives_in_between_is_not_accepted(
    sandbox: ImportSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.deliver(csv_of(day_of(10), "bad"))
    acquire = sandbox.receipts.acquire

    def overtaken(*lease: Any) -> Lease:
        monkeypatch.setattr(sandbox.receipts, "acquire", acquire)
        sandbox.deliver(csv_of([*day_of(10), trade("new")], "worse"))
        return acquire(*lease)

    monkeypatch.setattr(sandbox.receipts, "acquire", overtaken)
    with pytest.raises(InvalidRequest, match=r"version 1 of the file of .* is not the newest any more"):
        accept(FILE_DAY, "anna", sandbox.context(), 1)
    assert not any(one.accepted_at for one in sandbox.receipts.versions(FILE_DAY))


@pytest.mark.parametrize("footer", ["Total: 10 trades,,,,,,,", "Total,10,,,,,,"])
def test_a_footer_may_have_separators(sandbox: ImportSandbox, footer: str) -> None:
    sandbox.deliver(csv_of(day_of(10), footer))
    accept(FILE_DAY, "anna", sandbox.context(), footer=True)
    assert footer in sandbox.receipts.footers()


def test_a_footer_counts_as_blank_in_the_files_that_follow(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(10), "Total;10") + b"  \n")
    steps = propose(FILE_DAY, sandbox.context(), footer=True).steps
    assert steps[-1] == (
        "Count a last line that reads 'Total;10' as blank, in the files that are imported from now on."
    )
    assert accept(FILE_DAY, "anna", sandbox.context(), 1, footer=True).settled
    assert sandbox.receipts.known_footers == {"Total;10": "anna"}
    after = sandbox.deliver(csv_of([*day_of(10), trade("new")], "Total;10"))
    assert (after.state, after.rows, after.quarantined) == (FileState.IMPORTED, 11, 0)


def test_a_footer_is_remembered_also_of_a_file_that_is_settled(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(10), "Total;10"))
    accept(FILE_DAY, "anna", sandbox.context())
    assert len(propose(FILE_DAY, sandbox.context(), footer=True).steps) == 1
    accept(FILE_DAY, "ole", sandbox.context(), footer=True)
    assert sandbox.receipts.known_footers == {"Total;10": "ole"}


def test_a_footer_of_a_held_file_is_accepted_with_it(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(10)))
    assert sandbox.deliver(csv_of(day_of(5), "Total;5")).state is FileState.HELD
    accepted = accept(FILE_DAY, "anna", sandbox.context(), 2, footer=True)
    assert (accepted.state, accepted.rows, accepted.quarantined) == (FileState.IMPORTED, 5, 0)
    assert sandbox.receipts.quarantine(FILE_DAY, 2) == []
    assert accepted.settled


def test_a_file_of_only_a_footer_is_empty_once_the_footer_is_known(sandbox: ImportSandbox) -> None:
    bad = sandbox.deliver(csv_of([], "Total;0"))
    assert (bad.state, bad.usable) == (FileState.PROVISIONAL, False)
    assert "no row of it is a valid trade" in nothing_to_accept(sandbox)
    accepted = accept(FILE_DAY, "anna", sandbox.context(), 1, footer=True)
    assert (accepted.version, accepted.state, accepted.rows, accepted.quarantined) == (1, FileState.IMPORTED, 0, 0)
    assert (accepted.usable, accepted.settled) == (True, True)
    assert sandbox.receipts.quarantine(FILE_DAY, 1) == []


def test_bad_rows_in_place_of_trades_are_confirmed_and_not_validated_again(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(10)))
    assert sandbox.deliver(csv_of([], "Total;0")).state is FileState.HELD
    import_daily_file(FILE_DAY, sandbox.context(), acceptance=Acceptance(2, "anna"))
    accepted = accept(FILE_DAY, "anna", sandbox.context(), 2)
    assert (accepted.withdrawn, accepted.confirmed_at) == (10, "2023-03-05T12:00:00Z")
    again = sandbox.deliver(csv_of([], "Total;0"))
    assert (again.version, again.state, again.withdrawn) == (2, FileState.PROVISIONAL, 10)


def test_an_empty_version_that_was_let_in_is_confirmed(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(10)))
    assert sandbox.deliver(csv_of([])).state is FileState.HELD
    import_daily_file(FILE_DAY, sandbox.context(), acceptance=Acceptance(2, "anna"))
    accepted = accept(FILE_DAY, "anna", sandbox.context(), 2)
    assert (accepted.state, accepted.withdrawn, accepted.settled) == (FileState.IMPORTED, 10, True)


def test_a_last_line_that_is_a_trade_is_no_footer(sandbox: ImportSandbox) -> None:
    header, _, rows = csv_of(day_of(10)).partition(b"\n")
    sandbox.deliver(header + b"\nbad\n" + rows)
    assert "line 12, reads as a row of a trade" in nothing_to_accept(sandbox, footer=True)


def test_a_day_without_a_file_has_no_footer(sandbox: ImportSandbox) -> None:
    assert "there is no file that was read whole" in nothing_to_accept(sandbox, footer=True)
