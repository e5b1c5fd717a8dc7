"""What is known of the price files, held by one contract on all three engines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.feeds.feed import BUILT_IN, feed_of
from chalicelib.imports import bootstrap as imports_bootstrap
from chalicelib.imports.dynamodb import _mark
from chalicelib.imports.store import PriceFileRead, PriceFiles
from chalicelib.notices.model import Kind, Notice
from chalicelib.notices.store import Outbox
from tests.fakes.notices import FakeOutbox
from tests.fakes.prices import FakePriceFiles

KEY = "reference_prices_20260615.csv"
DAY = date(2026, 6, 15)
OUTCOME = {"key": KEY, "reason": "zu früh"}
NOTICE = Notice(DAY, Kind.PRICES, 1, "Voltbook: bad", "words", "2026-06-15T06:00:00Z")


@pytest.fixture
def files(engine: str, outbox: Outbox) -> PriceFiles:
    return FakePriceFiles(outbox) if isinstance(outbox, FakeOutbox) else imports_bootstrap.price_files()


def open_days(outbox: Outbox, feed: str = "market") -> Mapping[date, int]:
    if isinstance(outbox, FakeOutbox):
        return outbox.of_feed(feed).opened
    return feeds_bootstrap.receipts().of(feed_of(feed, BUILT_IN)).open_days()


def test_nothing_is_known_of_a_file_that_was_never_read(files: PriceFiles) -> None:
    assert files.processed_versions([KEY]) == {}
    assert files.begin(KEY) == PriceFileRead(KEY, 1, 0, None)
    assert files.processed_versions([KEY]) == {}


def test_a_version_that_was_dealt_with_is_known_to_the_next_reading(files: PriceFiles) -> None:
    assert files.end(files.begin(KEY), "v1", OUTCOME)
    assert files.processed_versions([KEY, "reference_prices_20260616.csv"]) == {KEY: "v1"}
    assert files.begin(KEY) == PriceFileRead(KEY, 2, 1, "v1")


def test_an_overtaken_read_records_nothing_and_sends_no_notice(files: PriceFiles, outbox: Outbox) -> None:
    first, second = files.begin(KEY), files.begin(KEY)
    assert not files.end(first, "v1", OUTCOME, NOTICE)
    assert (files.processed_versions([KEY]), outbox.of([DAY])) == ({}, [])
    assert files.end(second, "v2", OUTCOME)
    assert files.processed_versions([KEY]) == {KEY: "v2"}


def test_all_readings_of_a_version_count_what_they_changed(files: PriceFiles) -> None:
    counts = {**OUTCOME, "received": 9, "changed": 0, "unchanged": 9}
    files.count(KEY, "v1", 2)
    files.count(KEY, "v1", 3)
    assert files.outcome(KEY) is None
    assert files.end(files.begin(KEY), "v1", counts)
    assert files.outcome(KEY) == counts | {"changed": 5, "unchanged": 4}
    files.count(KEY, "v1", 40)
    assert files.outcome(KEY) == counts | {"changed": 9, "unchanged": 0}
    assert files.end(files.begin(KEY), "v2", counts)
    assert files.outcome(KEY) == counts
    files.count(KEY, "v2", 1)
    assert files.outcome(KEY) == counts | {"changed": 1, "unchanged": 8}


def test_a_notice_is_written_with_the_version_and_its_day_is_cared_for(files: PriceFiles, outbox: Outbox) -> None:
    assert files.end(files.begin(KEY), "v1", OUTCOME, NOTICE)
    now = datetime(2026, 6, 15, 6, tzinfo=UTC)
    assert outbox.of([DAY]) == [NOTICE]
    assert outbox.claim(NOTICE, "ada", now, now + timedelta(minutes=1))
    assert set(open_days(outbox, "daily")) == {DAY}


def test_two_files_of_one_day_have_each_their_notice(files: PriceFiles, outbox: Outbox) -> None:
    notices = [replace(NOTICE, feed="market", body=name, of_file=name) for name in ("a", "b")]
    marks: list[int] = []
    for name, notice in zip("ab", notices, strict=True):
        assert files.end(files.begin(name), "v1", OUTCOME, notice)
        marks += open_days(outbox).values()
    assert outbox.of_feed("market").of([DAY]) == notices
    assert len({*marks}) == 2, "a run that saw the first one only must not close the day"


def test_the_outcome_of_the_version_processed_last_is_kept(files: PriceFiles) -> None:
    assert files.outcome(KEY) is None
    files.begin(KEY)
    assert files.outcome(KEY) is None
    for outcome in ({**OUTCOME, "state": "rejected"}, OUTCOME):
        assert files.end(files.begin(KEY), "v1", outcome)
    assert files.outcome(KEY) == OUTCOME


def test_the_mark_of_a_reading_is_no_fence_of_a_run() -> None:
    marks = {_mark(PriceFileRead(key, turn, 0, None)) for key in ("a", "b") for turn in (1, 2)}
    assert len(marks) == 4
    assert max(marks) < 0
