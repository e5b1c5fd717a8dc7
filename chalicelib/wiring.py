"""Builds each adapter once, when it is first asked for; the only place that does, so that imports stay cheap."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Protocol, TypeVar

from chalicelib.settings import Settings, read_settings

if TYPE_CHECKING:
    from botocore.session import Session

    from chalicelib import ports
    from chalicelib.domain.morning import Channel
    from chalicelib.domain.trade_warnings import ExchangeLimits
    from chalicelib.ledger import Audit, Ledger, Tables
    from chalicelib.mail_ports import Carrier, MailBag
    from chalicelib.price_ports import PriceFiles, Prices
    from chalicelib.services.desk import Desk
    from chalicelib.services.mailing import Office
    from chalicelib.services.reporting import Shelf

TABLES = ("trades", "positions", "files", "notices", "users", "reference_prices", "attempts", "audit")
T = TypeVar("T")
_building = threading.RLock()
_built: list[Callable[[], None]] = []
_chosen: list[tuple[Settings | None, Callable[[], Session] | None]] = [(None, None)]


def once(build: Callable[[], T]) -> Callable[[], T]:
    """Build at the first call and keep it, also when many threads ask first at the same moment."""
    kept = lru_cache(maxsize=1)(build)
    _built.append(kept.cache_clear)

    @wraps(build)
    def get() -> T:
        with _building:
            return kept()

    return get


class LambdaContext(Protocol):
    def get_remaining_time_in_millis(self) -> float: ...


@once
def settings() -> Settings:
    """This process's settings: those chosen, else the environment's, read once."""
    return _chosen[0][0] or read_settings()


@once
def book() -> ports.Book:
    """Trades and positions."""
    _name_tables()
    from chalicelib.adapters.book_tables import BookTables

    return BookTables()


@once
def positions() -> ports.Positions:
    """Positions alone."""
    _name_tables()
    from chalicelib.adapters.positions import PositionTable

    return PositionTable()


@once
def receipts() -> ports.Receipts:
    """Receipts and leases of daily files."""
    _name_tables()
    from chalicelib.adapters.receipts import ReceiptTable

    return ReceiptTable(clock())


@once
def directory() -> ports.Directory:
    """Who may log in."""
    _name_tables()
    from chalicelib.adapters.directory import UserTable

    return UserTable(clock())


@once
def attempts() -> ports.Attempts:
    """The logins that failed."""
    _name_tables()
    from chalicelib.adapters.attempts import AttemptTable

    return AttemptTable()


@once
def audit() -> Audit:
    """What administrators did."""
    _name_tables()
    from chalicelib.adapters.audit import AuditTable

    return AuditTable()


@once
def ledger() -> Ledger:
    """The whole book, to be proved and mended."""
    _name_tables()
    from chalicelib.adapters.ledger import BookLedger

    return BookLedger(clock())


@once
def whole_tables() -> Tables:
    """The tables as they are, to be moved."""
    _name_tables()
    from chalicelib.adapters.whole_tables import WholeTables

    return WholeTables(clock())


@once
def passwords() -> ports.Passwords:
    """Hashing of passwords."""
    from chalicelib.adapters.passwords import Argon2Passwords

    return Argon2Passwords()


@once
def file_store() -> ports.FileStore:
    """The exchange's daily files."""
    _enter_session()
    import boto3

    from chalicelib.adapters.daily_files import DailyFiles

    return DailyFiles(boto3.client("s3"), settings().bucket)


@once
def clock() -> ports.Clock:
    """The time."""
    from chalicelib.adapters.clock import SystemClock

    return SystemClock()


@once
def outbox() -> ports.Outbox:
    """Notices that are true, sent or not."""
    _name_tables()
    from chalicelib.adapters.outbox import OutboxTable

    return OutboxTable()


@once
def prices() -> Prices:
    """Reference prices."""
    _name_tables()
    from chalicelib.adapters.prices import PriceTable

    return PriceTable()


@once
def price_files() -> PriceFiles:
    """What was dealt with of the reference price files."""
    _name_tables()
    from chalicelib.adapters.price_files import PriceFileTable

    return PriceFileTable()


@once
def notices() -> ports.Notices:
    """Where the desk hears of things."""
    _enter_session()
    import boto3

    from chalicelib.adapters.notices import NoticesTopic

    return NoticesTopic(boto3.client("sns"), settings().notices_topic)


@once
def mail_bag() -> MailBag:
    """Morning mails, sent or not."""
    _name_tables()
    from chalicelib.adapters.mail_bag import MailBagTable

    return MailBagTable()


@once
def carriers() -> Mapping[Channel, Carrier]:
    """The ways the morning mail goes out: the topic always, e-mail where it is set."""
    _enter_session()
    import boto3

    from chalicelib.adapters.carriers import ByEmail, ByTopic
    from chalicelib.adapters.notices import NoticesTopic
    from chalicelib.domain.morning import Channel

    known = settings()
    ways: dict[Channel, Carrier] = {Channel.TOPIC: ByTopic(NoticesTopic(boto3.client("sns"), known.reports_topic))}
    if known.mail_from or known.mail_to:
        ways[Channel.EMAIL] = ByEmail(boto3.client("sesv2"), known.mail_from, known.mail_to)
    return ways


def office(owner: str) -> Office:
    """What a run of the morning mail works with; `owner` begins its name while it sends."""
    from uuid import uuid4

    from chalicelib.services.mailing import Office

    return Office(shelf(), mail_bag(), carriers(), f"{owner} {uuid4().hex}")


def shelf() -> Shelf:
    """Where reports are read from."""
    from chalicelib.services.reporting import Shelf

    return Shelf(positions(), receipts(), prices(), clock())


def desk(owner: str, context: LambdaContext | None = None) -> Desk:
    """What a run of the import works with; `owner` begins its name in the lease, `context` is its Lambda's, if any."""
    from uuid import uuid4

    from chalicelib.domain.verdict import Limits
    from chalicelib.services.desk import Desk, unlimited

    def time_left() -> timedelta:
        return timedelta(milliseconds=context.get_remaining_time_in_millis()) if context else unlimited()

    limits = Limits(
        bad_rows=settings().bad_rows,
        bad_share_percent=settings().bad_share_percent,
        harmless_columns=settings().harmless_columns,
    )
    return Desk(
        file_store(),
        receipts(),
        outbox(),
        notices(),
        book(),
        clock(),
        f"{owner} {uuid4().hex}",
        time_left=time_left,
        limits=limits,
        exchange=exchange_limits(),
    )


def exchange_limits() -> ExchangeLimits:
    """Beyond which a trade is warned of."""
    from chalicelib.domain.trade_warnings import ExchangeLimits

    return ExchangeLimits(settings().price_limit_eur, settings().quantity_limit_mw)


def use(settings: Settings, new_session: Callable[[], Session] | None = None) -> None:
    """Build from these settings in place of the environment's, and connect through such sessions of the SDK."""
    with _building:
        reset()
        _chosen[0] = (settings, new_session)


def reset() -> None:
    """Forget everything built or chosen, so that the next call reads the settings and connects anew."""
    with _building:
        _chosen[0] = (None, None)
        for forget in _built:
            forget()


@once
def _name_tables() -> None:
    from chalicelib.adapters.models import name_tables

    name_tables({table: settings().table(table) for table in TABLES}, _chosen[0][1])


@once
def _enter_session() -> None:
    if (new_session := _chosen[0][1]) is not None:
        import boto3

        boto3.setup_default_session(botocore_session=new_session())
