"""Building an import: the settings of feeds that only it can check."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.common.errors import Problem
from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.feeds.feed import BUILT_IN, Feed
from chalicelib.feeds.feed_file import InvalidFeeds
from chalicelib.feeds.key_pattern import KeyPattern
from chalicelib.imports.bootstrap import feeds, import_context, price_stores
from chalicelib.settings import settings
from chalicelib.trades.venues import VENUES

NORDPOOL = Feed("nordpool", KeyPattern("nordpool/{YYYYMMDD}.csv"), venue="nordpool")


def test_feeds_of_known_venues_and_of_none_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    known = (*BUILT_IN, NORDPOOL)
    monkeypatch.setattr(feeds_bootstrap, "feeds", lambda: known)
    assert feeds() == known


def test_feeds_of_unknown_venues_are_all_refused_with_the_known_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = [replace(NORDPOOL, name=name, venue=name) for name in ("nord-pool", "nasdaq")]
    monkeypatch.setattr(feeds_bootstrap, "feeds", lambda: (*BUILT_IN, NORDPOOL, *unknown))
    for build in (price_stores, lambda: import_context("test")):
        with pytest.raises(InvalidFeeds, match=f"the feeds in {settings().feeds.name} have 2 problems") as refused:
            build()
        assert refused.value.problems == tuple(
            Problem(f"[[feed]] {name}: venue", f"must be one of {', '.join(VENUES)}, got {name!r}")
            for name in ("nord-pool", "nasdaq")
        )
