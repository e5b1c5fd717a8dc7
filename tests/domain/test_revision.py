"""Words on a trade: who said what, and what each adds to its position."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.position import NO_CHANGE, trade_change
from chalicelib.domain.revision import FromFile, Posted
from tests.trades import FILE_DAY, SAID_AT, from_file, posted, trade


def test_a_word_shows_who_said_it() -> None:
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


def test_a_withdrawn_word_counts_for_nothing_and_says_nothing() -> None:
    word = posted(trade())
    gone = word.withdrawal(Posted("anna"), "2023-02-22T00:00:00Z")
    assert (gone.number, gone.change, gone.says(trade())) == (2, NO_CHANGE, False)
    assert (word.change, word.says(trade())) == (trade_change(trade()), True)


def test_only_a_newer_version_of_the_same_file_is_newer() -> None:
    source = FromFile(FILE_DAY, 2, 5)
    assert source.older_than(FromFile(FILE_DAY, 3, 5))
    assert not source.older_than(FromFile(FILE_DAY, 2, 9))
    assert not source.older_than(FromFile(FILE_DAY.replace(day=1), 3, 5))
    assert not source.older_than(Posted("anna"))
    assert source.same_version(FromFile(FILE_DAY, 2, 9))
    assert not source.same_version(Posted("anna"))


def test_the_latest_day_that_says_so_outlasts_every_earlier_one() -> None:
    before, after = FILE_DAY - timedelta(days=1), FILE_DAY + timedelta(days=1)
    matched = replace(posted(trade()), matched=FILE_DAY)
    assert (posted(trade()).file_day, from_file(trade()).file_day, matched.file_day) == (None, FILE_DAY, FILE_DAY)
    assert replace(from_file(trade()), matched=after).file_day == after
    for word in (matched, from_file(trade())):
        assert word.outlasts(FromFile(before, 9, 2))
        assert not word.outlasts(FromFile(FILE_DAY, 1, 2))
    assert not posted(trade()).outlasts(FromFile(before, 9, 2))
    assert matched.as_json()["matched_by"] == "2023-02-20"


def test_a_row_matches_what_was_said_before_its_day() -> None:
    before = FILE_DAY - timedelta(days=1)
    assert posted(trade()).is_matched_by(trade(), FILE_DAY)
    assert from_file(trade(), file_day=before).is_matched_by(trade(), FILE_DAY)
    assert replace(posted(trade()), matched=before).is_matched_by(trade(), FILE_DAY)
    assert not posted(trade(price=1)).is_matched_by(trade(), FILE_DAY)
    assert not from_file(trade()).is_matched_by(trade(), FILE_DAY)
    assert not replace(posted(trade()), matched=FILE_DAY).is_matched_by(trade(), FILE_DAY)
    later = replace(posted(trade()), matched=FILE_DAY + timedelta(days=1))
    assert not later.is_matched_by(trade(), FILE_DAY)


def test_another_version_or_another_day_is_not_the_same() -> None:
    source = FromFile(FILE_DAY, 2, 5)
    assert not source.same_version(FromFile(FILE_DAY, 1, 5))
    assert not source.same_version(FromFile(FILE_DAY.replace(day=21), 2, 5))
    assert not source.older_than(FromFile(FILE_DAY, 1, 5))


def test_words_on_a_trade_are_numbered_one_after_the_other() -> None:
    second = posted(trade()).next(trade(price=1), Posted("anna"), SAID_AT)
    assert (second.number, second.withdrawn, second.says(trade(price=1)), second.says(trade())) == (
        2,
        False,
        True,
        False,
    )
    assert second.withdrawal(Posted("anna"), SAID_AT).number == 3
