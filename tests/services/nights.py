"""A desk of fakes on the clock of Berlin: files that are put there, polls, confirmations, and what comes of them."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

from chalicelib.access.identity import Caller, Role
from chalicelib.admin.integrity_check import BookStores, verify
from chalicelib.common.delivery import BERLIN
from chalicelib.common.units import eur
from chalicelib.feeds.day_mark import UNMARKED
from chalicelib.feeds.feed import file_name
from chalicelib.feeds.receipt import Receipt
from chalicelib.feeds.store import Lease
from chalicelib.imports.confirmation import confirm_withdrawn
from chalicelib.imports.context import ImportContext
from chalicelib.imports.polling import arrived, poll
from chalicelib.imports.service import import_daily_file
from chalicelib.reports.completeness import Completeness, completeness, files_needed
from chalicelib.trades.model import FIELDS, Trade, parse_trade
from chalicelib.trades.revision import Revision
from chalicelib.trades.service import Outcome, book_trade
from samples.generate import day_of_trades
from tests.fakes import FakeBook, FakeClock, FakeFileStore, FakeLedger, FakeNotices, FakeReceipts

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
HEADER = ",".join(FIELDS)
ADMIN = Caller("admin", Role.ADMIN)


def sample(day: date) -> bytes:
    """Return the committed sample file of a day."""
    return (SAMPLES / file_name(day)).read_bytes()


def csv_of(trades: Sequence[Trade], *extra: str) -> bytes:
    """Return a daily file of these trades and, after them, these lines."""
    rows = [",".join(str(value) for value in one.as_fields().values()) for one in trades]
    return "\n".join([HEADER, *rows, *extra, ""]).encode()


def trades_of(day: date, count: int, seed: int = 7) -> list[Trade]:
    """Return so many trades that were executed on a day."""
    return [parse_trade(row._asdict()) for row in day_of_trades(day, seed=seed, count=count)]


def some(count: int, executed: str, prefix: str = "x", **changes: object) -> list[Trade]:
    """Return so many trades with one time of execution; by default they deliver on the Berlin day of that text."""
    return [
        parse_trade(
            {
                "id": f"{prefix}-{number}",
                "price": 1000 + number,
                "quantity": 10,
                "direction": "buy",
                "delivery_day": executed[:10],
                "delivery_hour": 13,
                "trader_id": "trader_1",
                "execution_time": executed,
            }
            | changes
        )
        for number in range(count)
    ]


class InterruptedBook(FakeBook):
    """A book where something may happen just before a trade is corrected, once."""

    def __init__(self) -> None:
        super().__init__()
        self.before_correcting: Callable[[], object] | None = None

    def correct(self, old: Revision, new: Revision, lease: Lease | None = None) -> Revision | None:
        act, self.before_correcting = self.before_correcting, None
        if act is not None:
            act()
        return super().correct(old, new, lease)


@dataclass
class Nights:
    """A book, its daily files and a clock that a test sets."""

    clock: FakeClock = field(default_factory=FakeClock)
    receipts: FakeReceipts = field(default_factory=FakeReceipts)
    book: InterruptedBook = field(default_factory=InterruptedBook)
    notices: FakeNotices = field(default_factory=FakeNotices)
    store: FakeFileStore = field(init=False)

    def __post_init__(self) -> None:
        self.store = FakeFileStore(self.clock.now)
        self.book.holds = self.receipts.holds
        self.book.marks = self.receipts.marks

    def at(self, day: date, clock: str = "01:00") -> None:
        """Set the clock to a time in Berlin."""
        self.clock.time = datetime.combine(day, time.fromisoformat(clock), BERLIN)

    def desk(self) -> ImportContext:
        """Return a desk of this book."""
        return ImportContext(
            self.store,
            self.receipts,
            self.receipts.outbox,
            self.notices,
            self.book,
            self.clock,
            owner="test",
            in_flight=1,
        )

    def put(self, day: date, content: bytes) -> None:
        """Store a version of a day's file."""
        self.store.put(file_name(day), io.BytesIO(content))

    def arrive(self, day: date, content: bytes) -> Receipt:
        """Store a version of a day's file and import it at once."""
        self.put(day, content)
        receipt = arrived(file_name(day), self.desk())
        assert isinstance(receipt, Receipt)
        return receipt

    def night(self, day: date, content: bytes, clock: str = "01:00") -> Receipt:
        """Let a day's file arrive in the night after it."""
        self.at(day + timedelta(days=1), clock)
        return self.arrive(day, content)

    def again(self, day: date) -> Receipt:
        """Import what is there of a day."""
        return import_daily_file(day, self.desk())

    def poll(self) -> None:
        """Look for files as the schedule does."""
        poll(self.desk())

    def confirm(self, day: date) -> Receipt:
        """Follow the advice of a notice."""
        return confirm_withdrawn(day, "anna", self.desk())

    def post(self, trade: Trade) -> Outcome:
        """Book a trade over HTTP."""
        return book_trade(trade, ADMIN, self.book, self.clock).outcome

    def state(self, delivery_day: date) -> str:
        """Return whether a delivery day is complete."""
        return self.completeness(delivery_day).state.value

    def completeness(self, delivery_day: date) -> Completeness:
        """Return how far a delivery day can be trusted, as reports say it."""
        states = self.receipts.states(files_needed(delivery_day), [delivery_day])
        mark = states.marks.get(delivery_day, UNMARKED)
        return completeness(delivery_day, states.receipts, self.clock.now(), mark)

    def told(self) -> list[tuple[str, str]]:
        """Return file day and kind of each notice that was sent, in order of both."""
        notices = self.receipts.outbox.notices.values()
        assert sorted(body for _, body in self.notices.sent) == sorted(notice.body for notice in notices)
        return sorted((notice.file_day.isoformat(), notice.kind.value) for notice in notices)

    def body(self, day: date, kind: str) -> str:
        """Return the text of the one notice of this kind on a file day."""
        [body] = [one.body for one in self.receipts.outbox.of([day]) if one.kind.value == kind]
        return body

    def pnl(self, delivery_day: date) -> str:
        """Return the cash of the desk on a delivery day."""
        changes = [position.change for position in self.book.positions(delivery_day, None)]
        return eur(sum(change.sell_cash - change.buy_cash for change in changes))

    def standing(self) -> dict[str, Trade]:
        """Return the trades that count, by id."""
        return {one: words[-1].trade for one, words in self.book.words.items() if not words[-1].withdrawn}

    def deviations(self) -> Sequence[str]:
        """Return what `verify` finds."""
        shelf = BookStores(self.receipts, self.store, self.book)
        return verify(FakeLedger(self.book, self.receipts), shelf).deviations

    def unchanged(self, act: Callable[[], object]) -> None:
        """Act, and check that no trade was changed by it."""
        before = dict(self.standing())
        act()
        assert self.standing() == before
