"""File days far from each other on the same tables, each with its own file, clock and mail."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import groupby
from operator import attrgetter

from chalicelib.common.delivery import day_start
from chalicelib.common.timestamps import format_utc
from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.feeds.day_mark import UNMARKED
from chalicelib.feeds.feed import BUILT_IN, Feed, file_name
from chalicelib.feeds.key_pattern import KeyPattern
from chalicelib.feeds.receipt import Receipt
from chalicelib.imports.context import ImportContext
from chalicelib.imports.file_reader import DailyReader, FileReader
from chalicelib.imports.format_reader import reader_of
from chalicelib.imports.formats.powerbot import STATES
from chalicelib.notices import bootstrap as notices_bootstrap
from chalicelib.notices.model import Notice
from chalicelib.positions.model import PositionKey
from chalicelib.trades import bootstrap as trades_bootstrap
from chalicelib.trades.model import FIELDS, Trade
from tests.durability.kills import Life, MortalNotices, MortalStore
from tests.fakes.clock import FakeClock
from tests.fakes.feeds import FakeFileStore
from tests.fakes.notices import FakeNotices
from tests.fixtures.trades import positions_of, trade

ROWS = 15
DESK_FILES = Feed("desk", KeyPattern("desk/{YYYYMMDD}.json"), format="powerbot")
Outcome = tuple[object, ...]


@dataclass
class Place:
    """A file day far from all others on the same tables, so that one engine serves the whole sweep."""

    number: int
    store: FakeFileStore = field(default_factory=FakeFileStore)
    notices: FakeNotices = field(default_factory=FakeNotices)
    clock: FakeClock = field(default_factory=FakeClock)
    reader: FileReader = field(default_factory=DailyReader)
    others: tuple[Feed, ...] = ()
    """The feeds beside the built-in ones."""

    def __post_init__(self) -> None:
        self.clock.time = day_start(self.day + timedelta(days=1)) + timedelta(minutes=54)
        self.store.now = self.clock.now

    @property
    def day(self) -> date:
        return date(2010, 1, 1) + timedelta(days=30 * self.number)

    def trade(self, number: int, price: int = 100) -> Trade:
        executed = (day_start(self.day) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        return trade(
            f"{self.number}-{number}",
            price=price,
            delivery_day=self.day.isoformat(),
            delivery_hour=4 + number % 3,
            execution_time=executed,
        )

    def put(self, trades: list[Trade], *extra: str) -> None:
        rows = [",".join(str(value) for value in one.as_fields().values()) for one in trades]
        content = "\n".join([",".join(FIELDS), *rows, *extra, ""])
        self.store.put(file_name(self.day), io.BytesIO(content.encode()))

    def put_own_trades(self, trades: list[Trade]) -> None:
        """Put the file as PowerBot's list of own trades, where neighbours of one id are the two sides of an entry."""
        self.store.put(file_name(self.day), io.BytesIO(powerbot_list(trades)))
        self.reader = reader_of("powerbot")

    def put_of_desk(self, trades: list[Trade]) -> None:
        """Put the desk's own file, of another feed, in the same form."""
        self.others = (DESK_FILES,)
        self.store.put(DESK_FILES.key(self.day), io.BytesIO(powerbot_list(trades)))

    def desk(self, life: Life) -> ImportContext:
        return ImportContext(
            MortalStore(self.store, life),
            feeds_bootstrap.receipts(),
            notices_bootstrap.outbox(),
            MortalNotices(self.notices, life),
            trades_bootstrap.book(),
            self.clock,
            owner="test",
            in_flight=1,
            reader=self.reader,
            feeds=(*BUILT_IN, *self.others),
            reader_of=lambda feed: reader_of(feed.format),
        )

    def told(self) -> list[Notice]:
        """Return the notices of all feeds."""
        outbox = notices_bootstrap.outbox()
        of_feeds = [outbox, *(outbox.of_feed(feed.name) for feed in self.others)]
        return [notice for one in of_feeds for notice in one.of([self.day])]

    def outcome(self) -> Outcome:
        """Everything that can be seen afterwards, in words that are the same at every place."""
        of_feeds = [feeds_bootstrap.receipts(), *(feeds_bootstrap.receipts().of(feed) for feed in self.others)]
        receipts = [_plain(receipt) for one in of_feeds for receipt in one.versions(self.day)]
        changes = [
            [(one.kind, one.trade_id.partition("-")[2], one.line) for one in of_feed.changes(self.day, version)]
            for of_feed in of_feeds
            for version in (1, 2)
        ]
        held = trades_bootstrap.book().positions(self.day, None)
        positions = sorted((*_where(one.key), *one.change) for one in held)
        sides = [trades_bootstrap.book().sides("epex", f"{self.number}-{number}") for number in range(ROWS + 2)]
        words = [side for of_trade in sides for side in of_trade]
        histories = [[(word.number, word.withdrawn, *_terms(word.trade)) for word in some] for some in words]
        notices = sorted((one.feed, one.kind, one.version, one.sent_at is not None) for one in self.told())
        mark = feeds_bootstrap.receipts().states((), [self.day]).marks.get(self.day, UNMARKED)
        return receipts, changes, positions, histories, notices, (mark.running, mark.changed_at is not None)

    def assert_positions_are_the_sum_of_trades(self) -> None:
        trades = trades_bootstrap.book().trades(None, self.day, 10_000, None).trades
        held = {one for one in trades_bootstrap.book().positions(self.day, None) if one.change.trades}
        assert held == set(positions_of(trades))


def powerbot_list(trades: list[Trade]) -> bytes:
    entries = [powerbot_entry(list(sides)) for _, sides in groupby(trades, attrgetter("id"))]
    return json.dumps(entries).encode()


def powerbot_entry(sides: list[Trade]) -> dict[str, object]:
    trade, *_ = sides
    period = trade.period
    entry: dict[str, object] = {
        "trade_id": trade.id,
        "exchange": trade.venue,
        "exec_time": trade.execution_time,
        "state": next(name for name, state in STATES.items() if state is trade.state),
        "buy": False,
        "sell": False,
        "delivery_start": format_utc(period.start),
        "delivery_end": format_utc(period.start + timedelta(minutes=period.minutes)),
        "price": trade.price / 100,
        "quantity": trade.kw / 1000,
    }
    for side in sides:
        name = side.direction.value
        entry |= {name: True, f"{name}_portfolio_id": side.trader_id, f"{name}_delivery_area": side.area or ""}
    return entry


def _where(key: PositionKey) -> tuple[str | int, ...]:
    return key.period.local_hour, key.period.minutes, key.venue, key.area or ""


def _terms(trade: Trade) -> tuple[object, ...]:
    return trade.direction, trade.price, trade.kw, trade.period.minutes, trade.area, trade.state, trade.venue_revision


def _plain(receipt: Receipt) -> Receipt:
    when = None if receipt.imported_at is None else "once"
    confirmed = None if receipt.confirmed_at is None else "once"
    stood = None if receipt.standing_at is None else "once"
    accepted = None if receipt.accepted_at is None else "once"
    compared = None if receipt.compared_with is None else receipt.compared_with.replace(f"{receipt.file_day:%m%d}", "")
    receipt = replace(receipt, standing_at=stood, accepted_at=accepted, compared_with=compared)
    undecided = tuple(date.min + (day - receipt.file_day) for day in receipt.undecided_days)
    receipt = replace(receipt, undecided_days=undecided)
    if receipt.version == 0:
        receipt = replace(receipt, reason="of its own day")
    return replace(receipt, file_day=date.min, key="", sha256="", imported_at=when, confirmed_at=confirmed)
