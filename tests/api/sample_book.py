"""A book of the committed sample files and of what happens to files, on a clock that stands still when it is asked."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import BinaryIO

import pytest

from chalicelib.access import bootstrap as access_bootstrap
from chalicelib.access.passwords import Argon2Passwords
from chalicelib.access.service import add_demo_user
from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.feeds.feed import REFERENCE_PRICES, file_day_of, file_name, price_file_name
from chalicelib.feeds.store import StoredFile
from chalicelib.imports import bootstrap as imports_bootstrap
from chalicelib.imports.confirmation import confirm_withdrawn
from chalicelib.imports.context import ImportContext
from chalicelib.imports.feed_files import file_of
from chalicelib.imports.polling import poll
from chalicelib.imports.price_import import import_price_file
from chalicelib.imports.service import import_daily_file
from chalicelib.notices import bootstrap as notices_bootstrap
from chalicelib.trades import bootstrap as trades_bootstrap
from infra import ROOT
from infra.local.engines import Engine
from tests.fakes.clock import FakeClock
from tests.fakes.feeds import FakeFileStore
from tests.fakes.notices import FakeNotices
from tests.fixtures.api import ROLES
from tests.fixtures.engines import forget_connections, use_engine

SAMPLES = ROOT / "samples"
ASKED_AT = datetime(2026, 6, 19, 10, tzinfo=UTC)
CORRECTED, SHORTENED, WITH_BAD_ROWS = date(2026, 6, 14), date(2026, 6, 15), date(2026, 6, 17)
CUT, UNREADABLE = date(2026, 3, 28), date(2026, 3, 30)
MORNING = timedelta(hours=6)
HEADER = "id,price,quantity,direction,delivery_day,delivery_hour,trader_id,execution_time"
CHANGED, DROPPED, WITHDRAWN = "EPX-20260614-000005", "EPX-20260614-000190", "EPX-20260615-000240"
ADDED = "EPX-20260614-000191,1300,4,buy,2026-06-15,15,trader_1,2026-06-14T21:50:00Z"
ROWS_OF_17_JUNE = (
    "EPX-20260617-000001,6120,5,buy,2026-06-17,18,trader_1,2026-06-17T08:00:00Z",
    "EPX-20260617-000002,6290,5,sell,2026-06-17,18,trader_1,2026-06-17T08:20:00Z",
    "EPX-20260617-000003,61.5,0,buy,2026-06-17,19,trader_1,2026-06-17T08:21:00Z",
    "EPX-20260617-000004,-250,12,sell,2026-06-18,13,bot_solar,2026-06-17T12:00:00.125Z",
    "EPX-20260617-000005,4100,3,hold,2026-06-18,24,trader_2,2026-06-17 12:00",
    "EPX-20260617-000006,4105,3,buy,2026-06-18,14,trader_2,2026-06-17T12:30:00+02:00",
)


@dataclass
class Bucket(FakeFileStore):
    """The bucket of daily files, which remembers when each version was stored."""

    clock: FakeClock
    objects: dict[str, list[bytes]] = field(default_factory=dict)
    stored_at: dict[str, list[datetime]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.now, self.put_at = self.clock.now, {}

    def put(self, key: str, content: BinaryIO) -> str:
        self.stored_at.setdefault(key, []).append(self.clock.now())
        return super().put(key, content)

    @contextmanager
    def fetch(self, key: str, version: str | None) -> Iterator[StoredFile]:
        with super().fetch(key, version) as stored:
            yield replace(stored, stored_at=self.stored_at[key][int(stored.version) - 1])


class SaltedByName(Argon2Passwords):
    """Hashes with a salt that is no secret, so that what is derived of a hash (a cursor) is the same in each run."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._salt = name.ljust(16).encode()

    def hash(self, password: str) -> str:
        return self._hasher.hash(password, salt=self._salt)


@contextmanager
def tables(engine: Engine, stage: str, clock: FakeClock) -> Iterator[pytest.MonkeyPatch]:
    """Empty tables on the durable engine, and the bootstraps' clock standing where the test sets it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chalicelib.access.passwords.MEMORY_KIB", 8)
        patch.setattr("chalicelib.access.passwords.PASSES", 1)
        use_engine(engine.url, stage, patch)
        patch.setattr("chalicelib.common.clock.clock", lambda: clock)
        yield patch
        forget_connections()


def desk_at(bucket: Bucket, clock: FakeClock) -> ImportContext:
    stores = (feeds_bootstrap.receipts(), notices_bootstrap.outbox(), FakeNotices(), trades_bootstrap.book())
    return ImportContext(bucket, *stores, clock, owner="test", in_flight=1)


def fill(bucket: Bucket, clock: FakeClock) -> None:
    """Fill the bootstraps' empty book: logins, every sample file in order, files of the test's own, a late one."""
    clock.time = datetime(2025, 10, 20, 9, tzinfo=UTC)
    for name, (role, trader_id) in ROLES.items():
        add_demo_user(name, role, trader_id, access_bootstrap.directory(), SaltedByName(name))
    arrivals = [(_moment_of(path), path.name, path.read_bytes()) for path in SAMPLES.glob("*.csv")]
    for clock.time, key, content in sorted([*arrivals, *_own_files()]):
        deliver(key, content, bucket, clock)
    clock.time += MORNING
    confirm_withdrawn(SHORTENED, "admin", desk_at(bucket, clock))
    clock.time = datetime(2026, 6, 19, 6, tzinfo=UTC)  # 08:00 in Berlin
    poll(desk_at(bucket, clock))
    clock.time = ASKED_AT


def deliver(key: str, content: bytes, bucket: Bucket, clock: FakeClock) -> None:
    """Store a file and import it as its arrival does."""
    bucket.put(key, io.BytesIO(content))
    file_day = file_day_of(key)
    if file_day is not None:
        import_daily_file(file_day, desk_at(bucket, clock))
        return
    day = _price_day(Path(key))
    assert key == price_file_name(day)
    import_price_file(file_of(REFERENCE_PRICES, day), desk_at(bucket, clock), imports_bootstrap.price_stores())


def _moment_of(path: Path) -> datetime:
    """When such a file comes: trades after their day in Berlin, prices at noon of the day before."""
    file_day = file_day_of(path.name)
    if file_day is not None:
        return _late_on(file_day)
    return datetime.combine(_price_day(path) - timedelta(days=1), time(12), UTC)


def _late_on(file_day: date) -> datetime:
    """Half past eleven in the evening in UTC: the day has ended in Berlin, in summer and in winter."""
    return datetime.combine(file_day, time(23, 30), UTC)


def _price_day(path: Path) -> date:
    return datetime.strptime(path.stem[-8:], "%Y%m%d").replace(tzinfo=UTC).date()


def _own_files() -> Iterator[tuple[datetime, str, bytes]]:
    """The test's own files, each with the moment at which it is stored; a second version comes the morning after."""
    columns = HEADER.removesuffix(",trader_id,execution_time")
    yield _late_on(UNREADABLE), file_name(UNREADABLE), _csv(["EPX-20260330-000001,5000,1,buy,2026-03-30,13"], columns)
    yield _late_on(WITH_BAD_ROWS), file_name(WITH_BAD_ROWS), _csv(ROWS_OF_17_JUNE)
    yield _late_on(CUT) + MORNING, file_name(CUT), _csv(_rows(CUT)[:10])
    yield _late_on(CORRECTED) + MORNING, file_name(CORRECTED), _corrected(_rows(CORRECTED))
    yield _late_on(SHORTENED) + MORNING, file_name(SHORTENED), _csv(_rows(SHORTENED)[:-1])


def _rows(file_day: date) -> list[str]:
    return (SAMPLES / file_name(file_day)).read_text("utf-8").splitlines()[1:]


def _corrected(rows: list[str]) -> bytes:
    """The rows with one price changed, one row dropped and one added."""
    changed = [_dearer(row) if row.startswith(CHANGED) else row for row in rows if not row.startswith(DROPPED)]
    assert (len(changed), changed != rows[:-1]) == (len(rows) - 1, True)
    return _csv([*changed, ADDED])


def _dearer(row: str) -> str:
    trade_id, price, rest = row.split(",", 2)
    return f"{trade_id},{int(price) + 150},{rest}"


def _csv(rows: tuple[str, ...] | list[str], header: str = HEADER) -> bytes:
    return "".join(f"{line}\n" for line in (header, *rows)).encode()
