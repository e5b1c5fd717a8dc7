"""The samples of the last thirty days, today and tomorrow: loaded into a new book, and kept up with the calendar."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from chalicelib.access.identity import Identity, Role
from chalicelib.common.clock import Clock
from chalicelib.common.delivery import QUARTER, Period
from chalicelib.common.errors import ConflictingTrade
from chalicelib.common.timestamps import micros
from chalicelib.prices import bootstrap as prices_bootstrap
from chalicelib.prices.quote import Quote
from chalicelib.prices.slots import Series
from chalicelib.trades import bootstrap as trades_bootstrap
from chalicelib.trades.model import parse_trade
from chalicelib.trades.service import state_trade
from chalicelib.trades.statement import Statement, parse_statement
from infra.local import inbox
from infra.local.s3_events import Delivery, Handled
from infra.local.settings import CannotServe
from samples import bots, recent
from samples.generate import Row, write_daily_file
from samples.market import Quarter
from samples.recent import SampleFile

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

IMPORT_TIMEOUT_SECONDS = 120.0
_CALLER = Identity("samples", Role.IMPORTER)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class RecentSamples:
    """Daily files go through the inbox, other trades through the service that books posted trades."""

    s3: S3Client
    bucket: str
    inbox: Path
    handled: Handled
    _posted_until: datetime = _LONG_AGO
    _priced_until: date = date.min

    def load(self, now: datetime) -> bool:
        """Load all samples, one file with a correction and one with a bad row. Return whether all were imported."""
        (corrected, first_version), (quarantined, rows) = recent.to_correct(now), recent.to_quarantine(now)
        with self._writing():
            for file, content in ((corrected, first_version), (quarantined, rows)):
                if not (self.inbox / file.name).exists():
                    write_daily_file(self.inbox / file.name, content)
        files = recent.files(now)
        missing = [file for file in files if not (self.inbox / file.name).exists()]
        newest = [file for file in missing if recent.posted_by_bots(file, now)]
        self._write([file for file in missing if file not in newest])
        self._record_auctions(now)  # these and the posts while files are imported
        self._post(now)
        self._write_confirming(newest, now)
        if not self._wait_for([corrected]):
            return False
        if _has_rows(self.inbox / corrected.name, first_version):
            self._write([corrected])
        return self._wait_for(files)

    def summary(self, now: datetime) -> str:
        days = [file.day for file in recent.files(now) if not file.of_prices]
        posted = len(recent.executed_today(now)) + len(recent.posted(now))
        files = f"{len(days)} sample files ({days[0]} to {days[-1]})"
        return f"Loaded {files}, reference prices, and {posted} posted trades"

    def keep_up(self, now: datetime) -> None:
        """Import the files that became due, and post today's trades up to now. A file of the user stays as it is."""
        names = inbox.names_in_bucket(self.s3, self.bucket)
        due = [file for file in recent.files(now) if file.name not in names and not (self.inbox / file.name).exists()]
        self._record_auctions(now)
        self._write_confirming(due, now)
        self._wait_for(due)
        self._post(now)

    def _write(self, files: Iterable[SampleFile]) -> None:
        with self._writing():
            for file in files:
                file.write(self.inbox)

    def _write_confirming(self, files: Iterable[SampleFile], now: datetime) -> None:
        """Write files after bots have posted their rows."""
        for file in files:
            for row in recent.posted_by_bots(file, now):
                _post_row(row)
            self._write([file])

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise CannotServe(f"the samples cannot be written to the inbox {self.inbox}: {error.strerror}") from error

    def _wait_for(self, files: Iterable[SampleFile]) -> bool:
        deliveries = {self._delivery(self.inbox / file.name) for file in files}
        return self.handled.wait_for(deliveries, IMPORT_TIMEOUT_SECONDS)

    def _delivery(self, path: Path) -> Delivery:
        return path.name, hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()

    def _record_auctions(self, now: datetime) -> None:
        """Record the prices of the auctions since the last call, as the set `da`."""
        days = [day for day in recent.price_days(now) if day > self._priced_until]
        prices_bootstrap.prices().record({Series(day, set="da"): _quotes(*recent.auction(day)) for day in days})
        self._priced_until = max(days, default=self._priced_until)

    def _post(self, now: datetime) -> None:
        for row in recent.executed_today(now):
            if datetime.fromisoformat(row.execution_time) > self._posted_until:
                _post_row(row)
        for post in recent.posted(now):
            moment = datetime.fromtimestamp(post.at, UTC)
            if moment > self._posted_until:
                _state(parse_statement(post.fields), ClockAt(moment))
        self._posted_until = now


@dataclass(frozen=True, slots=True)
class ClockAt:
    """A post is recorded as of its execution: recorded later, it would change the reports of a day that is over."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment


def statement_of(row: Row) -> Statement:
    """Return the row of a daily file as its trader posts it: bots name area and strategy."""
    tags = bots.tags_of(row.trader_id)
    trade = parse_trade(row._asdict())._replace(area=tags.area, strategy=tags.strategy)
    return Statement(trade, about_state=False)


def _post_row(row: Row) -> None:
    _state(statement_of(row), ClockAt(datetime.fromisoformat(row.execution_time)))


def _state(statement: Statement, clock: Clock) -> None:
    with contextlib.suppress(ConflictingTrade):  # a file or a user was first
        state_trade(statement, _CALLER, trades_bootstrap.book(), clock)


def _quotes(published: datetime, quarters: Iterable[Quarter]) -> dict[Period, Quote]:
    stated_at = micros(published)
    return {
        Period(datetime.fromtimestamp(quarter.start, UTC), QUARTER): Quote(quarter.price, stated_at, _CALLER.name)
        for quarter in quarters
    }


def _has_rows(path: Path, rows: Sequence[Row]) -> bool:
    """Check that a file is the one that was written before, and not a user's."""
    _, *lines = path.read_text("utf-8", "replace").splitlines() or [""]
    return lines == [",".join(map(str, row)) for row in rows]
