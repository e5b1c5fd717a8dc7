"""Keeping the samples up with the calendar: what is written to the inbox, waited for and posted."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from chalicelib.common.delivery import berlin_day
from chalicelib.common.errors import ConflictingTrade
from chalicelib.trades.model import Trade
from chalicelib.trades.statement import Statement
from infra.local import recent_samples
from infra.local.recent_samples import RecentSamples
from infra.local.s3_events import Delivery
from infra.local.settings import CannotServe
from samples import recent
from samples.recent import SampleFile
from tests.fakes.prices import FakePrices

Stated = tuple[Trade, datetime]
NOW = datetime(2026, 11, 28, 15, tzinfo=UTC)


@dataclass
class Bucket:
    names: set[str] = field(default_factory=set)

    def get_paginator(self, _operation: str) -> Bucket:
        return self

    def paginate(self, **_bucket: str) -> list[dict[str, Any]]:
        return [{"Contents": [{"Key": name} for name in self.names]}, {}]


@dataclass
class Handled:
    waited_for: set[Delivery] = field(default_factory=set)

    def wait_for(self, deliveries: set[Delivery], _seconds: float) -> bool:
        self.waited_for |= deliveries
        return True


@pytest.fixture(autouse=True)
def _fips(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse MD5 as a machine under FIPS does, unless it is asked for as a plain checksum."""
    md5 = hashlib.md5

    def allowed(content: bytes, *, usedforsecurity: bool) -> object:
        assert not usedforsecurity
        return md5(content, usedforsecurity=False)

    monkeypatch.setattr(hashlib, "md5", allowed)


@pytest.fixture
def prices(monkeypatch: pytest.MonkeyPatch) -> FakePrices:
    store = FakePrices()
    monkeypatch.setattr("chalicelib.prices.bootstrap.prices", lambda: store)
    return store


@pytest.fixture
def stated(prices: FakePrices, monkeypatch: pytest.MonkeyPatch) -> list[Stated]:
    """Return the trades that are posted from now on, each with the time that is recorded."""
    trades: list[Stated] = []
    monkeypatch.setattr(
        recent_samples, "state_trade", lambda one, *others: trades.append((one.trade, others[-1].now()))
    )
    monkeypatch.setattr("chalicelib.trades.bootstrap.book", lambda: None)
    return trades


def of_today(stated: list[Stated]) -> list[str]:
    return [trade.id for trade, _ in stated if trade.id.startswith(f"EPX-{NOW:%Y%m%d}")]


def samples_in(inbox: Path, *in_bucket: str) -> tuple[RecentSamples, Handled]:
    bucket: Any = Bucket(set(in_bucket))
    handled: Any = Handled()
    return RecentSamples(bucket, "bucket", inbox, handled), handled


def test_only_files_that_neither_inbox_nor_bucket_has_are_written(tmp_path: Path, stated: list[Stated]) -> None:
    names = [file.name for file in recent.files(NOW)]
    (tmp_path / names[0]).write_text("the user's own")
    samples, handled = samples_in(tmp_path, names[1])
    samples.keep_up(NOW)
    assert (tmp_path / names[0]).read_text() == "the user's own"
    assert {path.name for path in tmp_path.iterdir()} == set(names) - {names[1]}
    written = {path.name: path for path in tmp_path.iterdir() if path.name != names[0]}
    digests = {
        name: hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest() for name, path in written.items()
    }
    assert handled.waited_for == set(digests.items())


def test_a_day_later_two_files_are_due(tmp_path: Path, stated: list[Stated]) -> None:
    samples, _ = samples_in(tmp_path)
    samples.keep_up(NOW)
    before = set(tmp_path.iterdir())
    samples.keep_up(NOW + timedelta(days=1))
    added = {path.name for path in set(tmp_path.iterdir()) - before}
    assert added == {"epex_trades_20261128.csv", "reference_prices_20261130.csv"}


def test_each_trade_of_today_is_posted_once_when_it_was_executed(tmp_path: Path, stated: list[Stated]) -> None:
    samples, _ = samples_in(tmp_path)
    for hours in (0, 1, 1, 3):
        now = NOW + timedelta(hours=hours)
        samples.keep_up(now)
        assert of_today(stated) == [row.id for row in recent.executed_today(now)]
        others = [trade for trade, _ in stated if not trade.id.startswith("EPX-")]
        assert len(others) == len(recent.posted(now))


def test_a_trade_of_this_very_moment_is_posted_once(tmp_path: Path, stated: list[Stated]) -> None:
    executed = datetime.fromisoformat(recent.executed_today(NOW)[-1].execution_time)
    posted = datetime.fromtimestamp(max(post.at for post in recent.posted(NOW)), UTC)
    for moment in (posted, executed):
        samples, _ = samples_in(tmp_path)
        samples.keep_up(moment)
        stated.clear()
        samples.keep_up(moment)
        assert stated == []


def test_the_summary_counts_files_and_posts(tmp_path: Path) -> None:
    posts = len(recent.executed_today(NOW)) + len(recent.posted(NOW))
    assert samples_in(tmp_path)[0].summary(NOW) == (
        f"Loaded 30 sample files (2026-10-29 to 2026-11-27), reference prices, and {posts} posted trades"
    )


def test_a_load_whose_file_is_not_imported_in_time_has_failed(tmp_path: Path, stated: list[Stated]) -> None:
    samples, _ = samples_in(tmp_path)
    samples.handled = Mock(wait_for=lambda *_: False)
    assert not samples.load(NOW)


def test_a_row_says_nothing_about_a_trade_s_state() -> None:
    assert not recent_samples.statement_of(recent.executed_today(NOW)[0]).about_state


def test_bots_state_area_and_strategy_and_people_do_not(tmp_path: Path, stated: list[Stated]) -> None:
    samples_in(tmp_path)[0].keep_up(NOW)
    tags = {(trade.trader_id, trade.strategy) for trade, _ in stated if trade.id in of_today(stated)}
    assert tags == {
        *(("trader_1", None), ("trader_2", None)),
        *(("bot_solar", "solar"), ("bot_wind", "wind"), ("bot_spread", "spread")),
    }


def test_the_newest_files_confirm_what_bots_posted_before(
    tmp_path: Path, stated: list[Stated], monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = samples_in(tmp_path)[0]
    yesterday, day_before, earlier = (
        SampleFile(berlin_day(NOW) - timedelta(days=back), of_prices=False) for back in (1, 2, 3)
    )
    (tmp_path / day_before.name).write_text("the user's own")
    samples.load(NOW)
    posted = [trade.id for trade, _ in stated if trade.id.startswith("EPX-")]
    rows = recent.rows_of(yesterday.day)
    bots = [row.id for row in rows if row.trader_id.startswith("bot_")]
    assert [one for one in posted if one in {row.id for row in rows}] == bots
    assert not {row.id for file in (day_before, earlier) for row in recent.rows_of(file.day)} & set(posted)
    written = (tmp_path / yesterday.name).read_text()
    assert all(one in written for one in bots)


def test_posts_are_recorded_as_of_their_execution(tmp_path: Path, stated: list[Stated]) -> None:
    samples_in(tmp_path)[0].keep_up(NOW)
    recorded = [(at - trade.executed_at, at) for trade, at in stated]
    assert max(waited for waited, _ in recorded) < timedelta(minutes=2)
    assert min(at for _, at in recorded) < NOW - timedelta(days=recent.POSTED_DAYS)


def test_a_trade_that_somebody_booked_otherwise_does_not_stop_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stated: list[Stated]
) -> None:
    def refuse_the_first(statement: Statement, *_: object) -> None:
        stated.append((statement.trade, NOW))
        if len(stated) == 1:
            raise ConflictingTrade(statement.trade.id)

    monkeypatch.setattr(recent_samples, "state_trade", refuse_the_first)
    samples_in(tmp_path)[0].keep_up(NOW)
    assert of_today(stated) == [row.id for row in recent.executed_today(NOW)]


def test_the_first_load_corrects_its_own_file(tmp_path: Path, stated: list[Stated]) -> None:
    samples, handled = samples_in(tmp_path)
    assert samples.load(NOW)
    corrected, _ = recent.to_correct(NOW)
    assert len([digest for name, digest in handled.waited_for if name == corrected.name]) == 2
    assert str(recent.rows_of(corrected.day)[0].price) in (tmp_path / corrected.name).read_text().splitlines()[1]
    assert len((tmp_path / recent.to_quarantine(NOW)[0].name).read_text().splitlines()) == 1 + recent.ROWS + 1


def test_the_first_load_leaves_the_users_files_alone(tmp_path: Path, stated: list[Stated]) -> None:
    own = [tmp_path / file.name for file, _ in (recent.to_correct(NOW), recent.to_quarantine(NOW))]
    for path in own:
        path.write_text("the user's own")
    samples_in(tmp_path)[0].load(NOW)
    assert [path.read_text() for path in own] == ["the user's own"] * 2


def test_an_inbox_that_takes_no_files_is_named(tmp_path: Path, stated: list[Stated]) -> None:
    with pytest.raises(CannotServe, match=r"samples cannot be written to the inbox .*: No such file or directory"):
        samples_in(tmp_path / "gone")[0].load(NOW)


def test_the_auctions_prices_are_recorded_by_quarter_hour(
    tmp_path: Path, stated: list[Stated], prices: FakePrices, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples, _ = samples_in(tmp_path)
    samples.keep_up(NOW)
    tomorrow, after = (berlin_day(NOW) + timedelta(days=ahead) for ahead in (1, 2))
    [slots] = prices.by_slot([tomorrow]).values()
    assert [slot and slot.price for slot in slots] == [quarter.price for quarter in recent.auction(tomorrow)[1]]
    assert {slot and slot.set for slot in slots} == {"da"}
    assert set(prices.by_slot([after])[after]) == {None}
    written = prices.writes
    with monkeypatch.context() as no_other_auction:
        no_other_auction.setattr(recent, "auction", None)
        samples.keep_up(NOW + timedelta(hours=1))
    assert prices.writes == written == recent.DAYS + 2
    samples_in(tmp_path)[0].keep_up(NOW + timedelta(days=1))
    assert prices.writes == written + 1
