"""The files of feeds: found by name, by day, and by the keys of the bucket."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.common.errors import InvalidRequest, Problem
from chalicelib.feeds.feed import BUILT_IN, DAILY, Feed
from chalicelib.feeds.feed_file import InvalidFeeds
from chalicelib.feeds.key_pattern import KeyPattern
from chalicelib.imports.feed_files import feed_named, file_of, files_of, keys_of, require_venues
from tests.fakes.feeds import FakeFileStore

DAY, NEXT = date(2026, 6, 15), date(2026, 6, 16)
OTC = Feed("otc", KeyPattern("otc/{YYYYMMDD}_*.csv"), venue="otc")


def test_a_feed_is_found_by_its_name_or_all_are_named() -> None:
    assert feed_named("otc", (*BUILT_IN, OTC)) is OTC
    for name in ("x" * 60, "x" * 61):
        with pytest.raises(InvalidRequest) as refused:
            feed_named(name, (*BUILT_IN, OTC))
        message = f"must be one of daily, reference_prices, otc, got '{'x' * 60}'"
        assert refused.value.problems == (Problem("feed", message),)


def test_every_feed_of_an_unknown_venue_is_named() -> None:
    assert require_venues((*BUILT_IN, OTC), "feeds.toml") == (*BUILT_IN, OTC)
    unknown = [replace(OTC, name=name, venue="moon") for name in ("a", "b")]
    with pytest.raises(InvalidFeeds) as refused:
        require_venues((DAILY, *unknown), "feeds.toml")
    assert [problem.field for problem in refused.value.problems] == ["[[feed]] a: venue", "[[feed]] b: venue"]
    assert refused.value.problems[0].message.endswith(", got 'moon'")


def test_a_day_has_the_keys_of_the_bucket_as_they_were_stored() -> None:
    times = iter(datetime(2026, 6, 16, tzinfo=UTC) + timedelta(hours=number) for number in range(5))
    store = FakeFileStore(lambda: next(times))
    for key in ("otc/20260615_b.csv", "otc/20260615_a.csv", "otc/20260615_c.txt", "otc/20260617_a.csv"):
        store.put(key, io.BytesIO(b""))
    assert keys_of(OTC, [DAY, NEXT], store) == {DAY: ["otc/20260615_b.csv", "otc/20260615_a.csv"], NEXT: []}
    assert [file.key for file in files_of(OTC, [DAY], store)] == ["otc/20260615_b.csv", "otc/20260615_a.csv"]
    assert keys_of(DAILY, [DAY], store) == {DAY: ["epex_trades_20260615.csv"]}
    assert list(files_of(DAILY, [DAY], store)) == [file_of(DAILY, DAY)]
