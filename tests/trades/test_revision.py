"""Words on a trade: who said what, and what each adds to its position."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.common.delivery import Period
from chalicelib.feeds.file_day import FileDay
from chalicelib.positions.model import NO_CHANGE
from chalicelib.trades.model import Trade, trade_change
from chalicelib.trades.revision import FromFile, Posted, Revision
from tests.fixtures.trades import FILE_DAY, SAID_AT, from_file, posted, trade


def test_a_revision_shows_its_source() -> None:
    assert posted(trade()).as_json() == {
        "revision": 1,
        "said_at": SAID_AT,
        "source": {"user": "admin"},
        "matched_by": None,
        "withdrawn": False,
        "trade": trade().as_fields(),
    }
    assert from_file(trade(), line=7, version=2).as_json()["source"] == {
        "file_day": "2023-02-20",
        "version": 2,
        "line": 7,
    }


def test_a_withdrawn_revision_has_no_effect() -> None:
    word = posted(trade())
    gone = word.withdrawal(Posted("anna"), "2023-02-22T00:00:00Z")
    assert (gone.number, gone.change, gone.states(trade())) == (2, NO_CHANGE, False)
    assert (word.change, word.states(trade())) == (trade_change(trade()), True)


def test_only_a_newer_version_of_the_same_file_is_newer() -> None:
    source = FromFile(FILE_DAY, 2, 5)
    assert source.older_than(FromFile(FILE_DAY, 3, 5))
    assert not source.older_than(FromFile(FILE_DAY, 2, 9))
    assert not source.older_than(FromFile(FILE_DAY.replace(day=1), 3, 5))
    assert not source.older_than(Posted("anna"))
    assert source.same_version(FromFile(FILE_DAY, 2, 9))
    assert not source.same_version(Posted("anna"))


BEFORE, OWN, AFTER, LATER = (FileDay(FILE_DAY + timedelta(days=days)) for days in (-1, 0, 1, 2))


def test_a_trades_own_file_leads_then_the_later_day() -> None:
    matched = posted(trade())._replace(matched=OWN)
    assert (posted(trade()).leading, from_file(trade()).leading, matched.leading) == (None, OWN, OWN)
    for own in (matched, from_file(trade())):
        assert [own.is_led_by(day) for day in (BEFORE, OWN, AFTER)] == [False, True, False]
    brought = from_file(trade(), file_day=AFTER.day)
    assert [brought.is_led_by(day) for day in (BEFORE, OWN, AFTER, LATER)] == [False, True, True, True]
    assert posted(trade()).is_led_by(BEFORE)
    assert matched.as_json()["matched_by"] == "2023-02-20"


def test_any_file_leads_a_withdrawn_trade_that_others_only_hold() -> None:
    held = posted(trade())._replace(noted=frozenset({OWN}))
    assert [one.is_led_by(AFTER) for one in (held, held._replace(withdrawn=True))] == [False, True]
    assert not held._replace(withdrawn=True).is_described_by(AFTER)


def test_of_the_files_of_one_day_the_daily_one_leads() -> None:
    exchange, other = FileDay(FILE_DAY, "nordpool"), FileDay(FILE_DAY, "otc")
    daily = from_file(trade())
    assert [daily.is_led_by(file) for file in (exchange, OWN, FileDay(AFTER.day, "nordpool"))] == [False, True, False]
    of_feed = posted(trade())._replace(source=FromFile(FILE_DAY, 1, 2, "nordpool"))
    assert [of_feed.is_led_by(file) for file in (exchange, OWN, other, AFTER)] == [True, True, True, False]
    assert of_feed.note(OWN, trade()).matched == OWN
    assert daily.note(exchange, trade()).noted == {exchange}
    assert of_feed.file_days == {exchange, OWN}
    assert of_feed.as_json()["source"] == {"file_day": "2023-02-20", "version": 1, "line": 2, "feed": "nordpool"}
    assert daily._replace(matched=exchange).as_json()["matched_by"] == "nordpool@2023-02-20"


def test_versions_are_of_one_feed() -> None:
    source = FromFile(FILE_DAY, 1, 2, "nordpool")
    assert source.same_version(FromFile(FILE_DAY, 1, 9, "nordpool"))
    assert not source.same_version(FromFile(FILE_DAY, 1, 2))
    assert not source.older_than(FromFile(FILE_DAY, 2, 2))


def test_an_id_is_anothers_where_another_feed_states_it() -> None:
    moved = trade(execution_time="2023-02-19T11:30:00Z")
    assert not from_file(trade()).uses_id_of(moved, OWN)
    assert from_file(trade()).uses_id_of(moved, FileDay(FILE_DAY, "nordpool"))


@pytest.mark.parametrize(
    ("revision", "file_day", "matched", "noted"),
    [
        (posted(trade()), OWN, OWN, set()),
        (posted(trade()), AFTER, AFTER, set()),
        (from_file(trade()), OWN, None, set()),
        (from_file(trade()), AFTER, None, {AFTER}),
        (from_file(trade(), file_day=AFTER.day), OWN, OWN, set()),
        (from_file(trade(), file_day=AFTER.day), BEFORE, None, {BEFORE}),
        (posted(trade())._replace(matched=AFTER), OWN, OWN, {AFTER}),
        (posted(trade())._replace(matched=OWN, noted=frozenset({AFTER})), LATER, OWN, {AFTER, LATER}),
    ],
)
def test_a_file_with_the_same_terms_is_noted_and_leads_where_it_may(
    revision: Revision, file_day: FileDay, matched: FileDay | None, noted: set[FileDay]
) -> None:
    note = revision.note(file_day, trade())
    assert (note.matched, set(note.noted), note.number, note.trade) == (matched, noted, revision.number, revision.trade)
    assert note.note(file_day, trade()) == note
    assert {file_day, OWN} <= note.file_days


def test_a_file_with_other_terms_is_noted_and_does_not_lead() -> None:
    assert posted(trade())._replace(matched=AFTER).note(OWN).matched == AFTER
    assert posted(trade()).note(OWN).noted == {OWN}


def test_the_days_of_a_trade_s_files_follow_it_through_its_revisions() -> None:
    first = from_file(trade()).note(AFTER, trade())
    second = first.next(trade(price=1), FromFile(LATER.day, 1, 2), SAID_AT)
    third = second.withdrawal(Posted("anna"), SAID_AT)
    assert second.file_days == {OWN, AFTER, LATER}
    assert third.file_days == {OWN, AFTER, LATER}


def test_the_finer_time_stays_and_a_post_may_repeat_either() -> None:
    fine, coarse = trade(execution_time="2023-02-20T10:00:00.4Z"), trade()
    confirmed = posted(coarse).note(OWN, fine)
    assert (confirmed.trade, confirmed.coarse_time) == (fine, coarse.execution_time)
    assert [confirmed.states(one) for one in (fine, coarse)] == [True, True]
    assert not confirmed.states(trade(execution_time="2023-02-20T10:00:00.3Z"))
    assert posted(fine).note(OWN, coarse).trade == fine
    assert posted(fine).agrees_with(coarse)
    assert not posted(fine).states(coarse)
    assert posted(coarse).note(OWN, trade(execution_time="2023-02-20T10:00:00.000Z")).trade == coarse


@pytest.mark.parametrize(
    ("revision", "executed", "file_day", "other"),
    [
        (from_file(trade()), "2023-02-20T23:30:00Z", AFTER, True),
        (from_file(trade()), "2023-02-20T11:30:00Z", AFTER, False),
        (posted(trade()), "2023-02-21T11:30:00Z", AFTER, True),
        (posted(trade()), "2023-02-21T11:30:00Z", LATER, True),
        (from_file(trade()), "2023-02-19T11:30:00Z", OWN, False),
        (from_file(trade()).note(AFTER), "2023-02-19T11:30:00Z", OWN, True),
        (from_file(trade(), file_day=AFTER.day), "2023-02-21T11:30:00Z", AFTER, True),
        (from_file(trade(execution_time="2023-02-20T22:59:59.8Z")), "2023-02-20T23:00:00Z", AFTER, False),
    ],
)
def test_an_id_is_anothers_where_the_execution_is_of_another_day(
    revision: Revision, executed: str, file_day: FileDay, other: bool
) -> None:
    assert revision.uses_id_of(trade(execution_time=executed), file_day) is other


@pytest.mark.parametrize(
    ("revision", "by_hand"),
    [
        (posted(trade()), None),
        (posted(trade()).withdrawal(Posted("anna", "booked twice"), SAID_AT), Posted("anna", "booked twice")),
        (posted(trade()).withdrawal(Posted("anna"), SAID_AT), None),
        (posted(trade()).next(trade(price=1), Posted("anna", "a reason"), SAID_AT), None),
        (posted(trade()).withdrawal(FromFile(FILE_DAY, 1, 2), SAID_AT), None),
    ],
    ids=["not withdrawn", "by hand", "without a reason", "corrected with a reason", "by a file"],
)
def test_a_withdrawal_by_hand_is_a_user_s_with_a_reason(revision: Revision, by_hand: Posted | None) -> None:
    assert revision.withdrawn_by_hand == by_hand


FINE = trade(execution_time="2023-02-20T10:00:00.4Z")


@pytest.mark.parametrize(
    ("booked", "stated", "source", "matched", "noted", "coarse_time"),
    [
        (posted(trade()), trade(), Posted("anna"), None, set(), None),
        (posted(trade()).note(OWN, trade()), trade(), Posted("anna"), OWN, set(), None),
        (from_file(trade()), trade(), Posted("anna"), OWN, set(), None),
        (from_file(trade()), trade(), FromFile(AFTER.day, 1, 2), OWN, set(), None),
        (from_file(trade(), file_day=AFTER.day), trade(), FromFile(FILE_DAY, 1, 2), None, {AFTER}, None),
        (posted(trade()), FINE, FromFile(FILE_DAY, 1, 2), None, set(), trade().execution_time),
        (posted(trade()).note(OWN, FINE), FINE, Posted("anna"), OWN, set(), trade().execution_time),
        (posted(trade()).note(OWN, FINE), trade(), Posted("anna"), OWN, set(), trade().execution_time),
    ],
)
def test_an_enriched_trade_keeps_its_files_and_its_coarse_time(
    booked: Revision,
    stated: Trade,
    source: Posted | FromFile,
    matched: FileDay | None,
    noted: set[FileDay],
    coarse_time: str | None,
) -> None:
    richer = booked._replace(restored_by="ida", number=4).enriched(stated, source, "2023-02-22T00:00:00Z")
    assert richer == Revision(
        stated, 5, source, "2023-02-22T00:00:00Z", matched=matched, noted=frozenset(noted), coarse_time=coarse_time
    )


def test_a_trade_is_unconfirmed_only_if_it_was_posted_and_no_file_has_it() -> None:
    quarter = trade()._replace(period=Period(trade().period.start, 15))
    revisions = [posted(trade()), from_file(trade()), posted(trade()).note(OWN), posted(quarter)]
    assert [revision.in_no_file for revision in revisions] == [True, False, False, False]


def test_a_restored_trade_has_its_terms_and_who_restored_it() -> None:
    first = posted(trade()).note(OWN, trade())
    again = first.restored(3, "ida", "2023-02-22T00:00:00Z")
    assert again == first._replace(number=3, restored_by="ida", recorded_at="2023-02-22T00:00:00Z")


def test_another_version_or_another_day_is_not_the_same() -> None:
    source = FromFile(FILE_DAY, 2, 5)
    assert not source.same_version(FromFile(FILE_DAY, 1, 5))
    assert not source.same_version(FromFile(FILE_DAY.replace(day=21), 2, 5))
    assert not source.older_than(FromFile(FILE_DAY, 1, 5))


def test_revisions_of_a_trade_are_numbered_consecutively() -> None:
    second = posted(trade()).next(trade(price=1), Posted("anna"), SAID_AT)
    assert (second.number, second.withdrawn, second.states(trade(price=1)), second.states(trade())) == (
        2,
        False,
        True,
        False,
    )
    assert second.withdrawal(Posted("anna"), SAID_AT).number == 3
