"""A book for the command to open: canned answers, and a note of what was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from chalicelib.access.identity import Role
from chalicelib.common.delivery import days_between
from chalicelib.common.errors import NotFound
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.fees.model import FeeTable
from chalicelib.imports.feed_files import FeedFile
from chalicelib.imports.notices import late_notice
from chalicelib.positions.model import Position
from chalicelib.prices.model import ReferencePrice
from chalicelib.prices.period_price import PeriodPrice
from chalicelib.prices.slots import SlotPrice
from chalicelib.prices.zones import DE_LU
from chalicelib.reports.completeness import Completeness, State
from chalicelib.reports.pnl import build_report
from chalicelib.reports.scorecard import build_scorecard
from chalicelib.reports.valued_report import Shape, build_valued_report
from chalicelib.trades.model import Trade
from cli.client.report import ReadReport, ReadScorecard, Shown
from cli.output.json import Json
from cli.profiles import ConnectionOptions
from cli.render.trades import in_full
from cli.terminal import Progress
from tests.fixtures.trades import positions_of

AS_OF = datetime(2023, 3, 5, 12, tzinfo=UTC)
COMPLETE = Completeness(State.COMPLETE, newest_import="2023-03-01T00:02:11Z")


def a_report(
    trades: Iterable[Trade],
    start: date,
    end: date | None = None,
    trader_id: str | None = "trader_1",
    completeness: Mapping[date, Completeness] | None = None,
    references: Mapping[date, Mapping[int, int]] | None = None,
) -> Json:
    """A report as the API gives it, over these trades; every day is complete unless said."""
    held, known = _held(trades, days_between(start, end or start), completeness)
    return build_report(trader_id, held, known, references or {}, AS_OF).as_json()


def a_value(positions: Mapping[date, Sequence[Position]], shape: Shape, prices: Mapping[int, int]) -> Json:
    """The desk's report with its value as the API gives it; prices of the desk by hour, and a fee at EPEX only."""
    known = dict.fromkeys(positions, COMPLETE)
    by_slot = {
        day: [None if (price := prices.get(slot // 4)) is None else SlotPrice("desk", price) for slot in range(96)]
        for day in positions
    }
    rate = {"epex": 850}.get
    report = build_valued_report(None, positions, known, {DE_LU: by_slot}, lambda venue, _: rate(venue), shape, AS_OF)
    return report.as_json()


def a_scorecard(
    trades: Iterable[Trade], start: date, end: date, completeness: Mapping[date, Completeness] | None = None
) -> Json:
    """A scorecard of the desk as the API gives it, over these trades; every day is complete unless said."""
    held, known = _held(trades, days_between(start, end), completeness)
    return build_scorecard(None, held, known, AS_OF).as_json()


def _held(
    trades: Iterable[Trade], days: Sequence[date], completeness: Mapping[date, Completeness] | None
) -> tuple[dict[date, list[Position]], dict[date, Completeness]]:
    positions = positions_of(trades)
    held = {day: [one for one in positions if one.key.delivery_day == day] for day in days}
    return held, {day: (completeness or {}).get(day, COMPLETE) for day in days}


def a_receipt(**changes: object) -> Json:
    """A receipt as the API gives it, of a file whose ten rows were all booked."""
    receipt = Receipt(
        file_day=date(2023, 2, 20),
        version=1,
        state=FileState.IMPORTED,
        key="epex_trades_20230220.csv",
        sha256="0" * 64,
        object_version="1",
        rows=10,
        booked=10,
        imported_at="2023-02-21T00:54:00Z",
    )
    return receipt.as_json(()) | changes


def a_notice(**changes: object) -> Json:
    """A notice as the API gives it, of a file that is late; it was sent."""
    notice = late_notice(date(2023, 2, 20), None, datetime(2023, 2, 21, 7, tzinfo=UTC))
    return notice.as_json() | {"sent_at": "2023-02-21T07:00:01Z"} | changes


def _in_full(trade: Json) -> Json:
    return in_full(trade) if "price" in trade else trade


class FakeBook:
    """See `cli.client.operations.Client`; an answer that is an exception is raised."""

    def __init__(self) -> None:
        self.connections: list[ConnectionOptions] = []
        self.asked: list[tuple[object, ...]] = []
        self.reports: list[Json | Exception] = []
        self.values: list[Json] = []
        self.newest: Json | Exception = {"newest_day": None}
        self.trades: list[Json] = []
        self.arrays: list[int] = []
        self.unconfirmed: list[Json] = []
        self.history: list[Json] = []
        self.outcomes: dict[str, str | Exception] = {}
        self.warnings: dict[str, list[Json]] = {}
        self.receipts: dict[str, Json | BaseException] = {}
        self.users: list[Json] = []
        self.keys: list[Json] = []
        self.prices: list[Json] = []
        self.fees: Json = {"revision": 0, "fees": []}
        self.said: list[Json | BaseException] = []
        self.files: list[Json] = []
        self.feeds: list[Json] = []
        self.files_of_feeds: dict[str, list[Json]] = {}
        self.file_day: Json = {}
        self.question: str | None = None
        self.steps: list[str] = []
        self.looked: Json = {}
        self.audit: list[Json] = []
        self.proof: Json = {}
        self.mended: list[str] = []
        self.notices: list[Json] = []
        self.unreceived: list[str] = []
        self.mail: Json = {}
        self.positions: Json = {}

    def report(self, trader_id: str | None, start_day: date, end_day: date) -> Shown:
        self.asked.append((trader_id, start_day.isoformat(), end_day.isoformat()))
        return ReadReport(_given(self.reports.pop(0)))

    def report_value(
        self, trader_id: str | None, start_day: date, end_day: date, grain: str = "hour", by: str | None = None
    ) -> Shown:
        if not self.values:
            raise NotFound("there is no such address")
        self.asked.append((trader_id, start_day.isoformat(), end_day.isoformat(), grain, by))
        return ReadReport(self.values.pop(0))

    def scorecard(self, trader_id: str | None, start_day: date, end_day: date) -> Shown:
        return ReadScorecard(self.report(trader_id, start_day, end_day).as_json())

    def newest_day(self, _trader_id: str | None) -> Json:
        return _given(self.newest)

    def show_positions(self, day: date, grain: int, trader_id: str | None, *scope: str | None) -> Json:
        self.asked.append((day.isoformat(), grain, trader_id, *filter(None, scope)))
        return self.positions

    def list_trades(self, trader_id: str | None, delivery_day: date | None, limit: int | None = None) -> Iterable[Json]:
        self.asked.append((trader_id, delivery_day and delivery_day.isoformat(), *([limit] if limit else [])))
        return iter(self.trades)

    def list_in_full(
        self,
        trader_id: str | None,
        delivery_day: date | None,
        venue: str | None,
        area: str | None,
        strategy: str | None,
        state: str | None,
        limit: int | None = None,
        delivery_hour: str | None = None,
    ) -> Iterable[Json]:
        filters = [one for one in (venue, area, strategy, state, limit, delivery_hour) if one is not None]
        self.asked.append((trader_id, delivery_day and delivery_day.isoformat(), *filters))
        return map(_in_full, self.trades)

    def show_sides(self, venue: str, trade_id: str) -> Json:
        self.asked.append((*([venue] if venue != "epex" else []), trade_id))
        revisions = self.history or [
            {"revision": 1, "said_at": "2023-02-21T00:54:00Z", "source": {"user": "anna"}, "matched_by": None}
            | {"withdrawn": False, "trade": trade}
            for trade in self.trades
            if trade["id"] == trade_id
        ]
        shown = [revision | {"trade": _in_full(revision["trade"])} for revision in revisions]
        directions = dict.fromkeys(revision["trade"]["direction"] for revision in shown)
        sides = [
            {"direction": side, "revisions": [one for one in shown if one["trade"]["direction"] == side]}
            for side in directions
        ]
        return {"venue": venue, "id": trade_id, "sides": sides}

    def state_trades(self, statements: Sequence[Json]) -> Sequence[Json]:
        self.arrays.append(len(statements))
        return [self._stated(fields) for fields in statements]

    def _stated(self, fields: Json) -> Json:
        outcome = self.outcomes.get(fields["id"], "booked")
        if isinstance(outcome, BaseException):
            raise outcome
        if outcome == "refused":
            problems = [{"field": "area", "message": "is wrong"}]
            return {"outcome": outcome, "message": "refused", "code": "invalid_trade", "problems": problems}
        self.trades.append(fields)
        return {"outcome": outcome, "trade": fields, "warnings": self.warnings.get(fields["id"], [])}

    def list_unconfirmed(self, trader_id: str | None, delivery_day: date) -> Sequence[Json]:
        self.asked.append((trader_id, delivery_day.isoformat(), "unconfirmed"))
        return [one for one in self.unconfirmed if one["delivery_day"] == delivery_day.isoformat()]

    def show_trade(self, trade_id: str) -> Json:
        return next(one for one in self.trades if one["id"] == trade_id)

    def trade_history(self, trade_id: str) -> Sequence[Json]:
        self.asked.append((trade_id,))
        return self.history

    def book_trade(self, trade: Trade) -> Json:
        outcome = self.outcomes.get(trade.id, "booked")
        if isinstance(outcome, Exception):
            raise outcome
        self.trades.append(trade.as_fields())
        warnings = self.warnings.get(trade.id)
        return {"outcome": outcome, "trade": trade.as_fields()} | ({"warnings": warnings} if warnings else {})

    def withdraw_trade(self, venue: str, trade_id: str, direction: str, revision: int, reason: str) -> Json:
        self.asked.append((venue, trade_id, direction, revision, reason))
        return _given(self.said.pop(0))

    def restore_trade(self, venue: str, trade_id: str, direction: str, revision: int) -> Json:
        self.asked.append((venue, trade_id, direction, revision))
        return _given(self.said.pop(0))

    def import_file(self, path: Path, progress: Progress, file: FeedFile) -> Json:
        daily = file.feed.is_daily and file.key == path.name
        self.asked.append((path.name,) if daily else (path.name, file.feed.name, str(file.file_day)))
        progress(5, 10)
        return _given(self.receipts[path.name])

    def try_file(self, path: Path, form: str, file_day: date | None) -> Json:
        self.asked.append((path.name, form, str(file_day)))
        return _given(self.said.pop(0))

    def import_prices(self, prices: Sequence[ReferencePrice]) -> Json:
        self.asked.append(tuple((one.delivery_day.isoformat(), one.delivery_hour, one.price) for one in prices))
        return _given(self.said.pop(0))

    def set_period_prices(self, prices: Sequence[PeriodPrice]) -> Json:
        self.asked.append(tuple(tuple(one.as_fields().values()) for one in prices))
        return _given(self.said.pop(0))

    def list_period_prices(
        self, start_day: date | None, end_day: date | None, set_name: str | None, zone: str | None
    ) -> Sequence[Json]:
        self.asked.append((start_day and start_day.isoformat(), end_day and end_day.isoformat(), set_name, zone))
        return [price for price in self.prices if "start" in price and set_name in {None, price["set"]}]

    def list_prices(self, start_day: date | None, end_day: date | None) -> Sequence[Json]:
        self.asked.append((start_day and start_day.isoformat(), end_day and end_day.isoformat()))
        return [price for price in self.prices if "delivery_day" in price]

    def list_fees(self) -> Json:
        return self.fees

    def set_fees(self, new: FeeTable) -> Json:
        self.asked.append((new.revision, *(rate.rate for rate in new.rates)))
        return _given(self.said.pop(0))

    def list_files(self, start_day: date | None, end_day: date | None) -> Sequence[Json]:
        self.asked.append((start_day and start_day.isoformat(), end_day and end_day.isoformat()))
        return self.files

    def show_file(self, file_day: date, version: int | None = None) -> Json:
        self.asked.append((file_day.isoformat(), *(() if version is None else (version,))))
        return self.file_day

    def list_feeds(self) -> Sequence[Json]:
        return self.feeds

    def list_feed_files(self, feed: str, start_day: date | None, end_day: date | None) -> Sequence[Json]:
        self.asked.append((feed, start_day and start_day.isoformat(), end_day and end_day.isoformat()))
        return self.files_of_feeds.get(feed, self.files)

    def show_feed_file(self, feed: str, file_day: date, version: int | None = None) -> Json:
        self.asked.append((feed, file_day.isoformat(), *(() if version is None else (version,))))
        return self.file_day

    def accept_file(
        self, file_day: date, footer: bool, agrees: Callable[[list[str]], bool], feed: str | None = None
    ) -> Json | None:
        if not agrees(self.steps):
            return None
        self.asked.append((file_day.isoformat(), footer, *(() if feed is None else (feed,))))
        return a_receipt(**self.files[0])

    def confirm_withdrawn(self, file_day: date, agrees: Callable[[str], bool], feed: str | None = None) -> Json | None:
        if self.question is not None and not agrees(self.question):
            return None
        self.asked.append((file_day.isoformat(), *(() if feed is None else (feed,))))
        return a_receipt(**self.files[0])

    def check(self, at: datetime | None, agrees: Callable[[], bool] = lambda: True) -> Json | None:
        if not agrees():
            return None
        self.asked.append((at and at.isoformat(),))
        return self.looked

    def verify(self) -> Json:
        return self.proof

    def rebuild_positions(self) -> Json:
        return {"positions": 2, "mended": self.mended}

    def export_all(self, folder: Path) -> Json:
        self.asked.append((folder,))
        return {"items": 3, "tables": {"trades": 2, "users": 1}}

    def import_all(self, folder: Path) -> Json:
        return self.export_all(folder)

    def list_audit(self, days: int) -> Sequence[Json]:
        self.asked.append((days,))
        return self.audit

    def topics_without_receiver(self) -> Sequence[str]:
        return self.unreceived

    def list_notices(self, days: int) -> Sequence[Json]:
        self.asked.append((days,))
        return self.notices

    def morning(self, delivery_day: date) -> Json:
        self.asked.append((delivery_day.isoformat(),))
        return self.mail

    def add_user(self, user: str, password: str, role: Role, trader_id: str | None) -> Json:
        self.asked.append((user, role, trader_id, password))
        return {"name": user, "role": role.value, "trader_id": trader_id, "disabled": False}

    def list_users(self) -> Sequence[Json]:
        return self.users

    def set_password(self, user: str, password: str) -> None:
        self.asked.append((user, password))

    def change_user(self, user: str, role: Role | None, trader_id: str | None, give_up_admin: bool) -> Json:
        self.asked.append((user, role, trader_id, give_up_admin))
        return {"name": user, "role": (role or Role.TRADER).value, "trader_id": trader_id, "disabled": False}

    def disable_user(self, user: str, give_up_admin: bool) -> None:
        self.asked.append((user, give_up_admin))

    def enable_user(self, name: str) -> None:
        self.asked.append((name, "enabled"))

    def change_own_password(self, old: str, new: str) -> None:
        self.asked.append((old, new))

    def add_key(self, name: str, label: str | None) -> Json:
        self.asked.append((name, label))
        return {**self.keys[0], "label": label, "token": "vb_0_secret"}

    def list_keys(self, name: str) -> Sequence[Json]:
        self.asked.append((name,))
        return self.keys

    def revoke_key(self, name: str, key_id: str) -> None:
        self.asked.append((name, key_id))


def _given(answer: Json | BaseException) -> Json:
    if isinstance(answer, BaseException):
        raise answer
    return answer
