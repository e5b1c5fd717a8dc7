"""The tables as PynamoDB models; a test holds them against `infra/resources.yaml`, which describes the real ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.config import Config
from botocore.session import Session, get_session
from pynamodb.attributes import BooleanAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.connection import Connection
from pynamodb.constants import SERVICE_NAME
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

from chalicelib.adapters.answers import give_as_they_are, take_as_they_come
from chalicelib.adapters.items import IntegerAttribute

USER_AGENT = "voltbook"
CURRENT = "current"
"""The range key of the word, or the receipt, that counts now; older ones are `v000001` and on."""


class _Client:
    """What every model asks of the SDK: quick to notice a dead connection, bounded and jittered retries."""

    connect_timeout_seconds = 2
    read_timeout_seconds = 5
    max_pool_connections = 32
    max_retry_attempts = 2


class ByTrader(GlobalSecondaryIndex[Any]):
    """One trader's trades in delivery order."""

    class Meta:
        index_name = "by_trader"
        projection = AllProjection()

    trader_id = UnicodeAttribute(hash_key=True)
    trader_order = UnicodeAttribute(range_key=True)


class ByDay(GlobalSecondaryIndex[Any]):
    """One shard of a delivery day's trades in delivery order."""

    class Meta:
        index_name = "by_day"
        projection = AllProjection()

    day_shard = UnicodeAttribute(hash_key=True)
    day_order = UnicodeAttribute(range_key=True)


class TradeItem(Model):
    """One word on a trade; only the current one carries the index keys, so that old ones cost nothing there."""

    class Meta(_Client):
        table_name = "trades"

    trade_id = UnicodeAttribute(hash_key=True)
    revision = UnicodeAttribute(range_key=True)
    number = IntegerAttribute()
    price = IntegerAttribute()
    quantity = IntegerAttribute()
    direction = UnicodeAttribute()
    delivery_day = UnicodeAttribute()
    delivery_hour = IntegerAttribute()
    trader_id = UnicodeAttribute()
    execution_time = UnicodeAttribute()
    said_at = UnicodeAttribute()
    withdrawn = BooleanAttribute(null=True)
    source_user = UnicodeAttribute(null=True)
    source_day = UnicodeAttribute(null=True)
    source_version = IntegerAttribute(null=True)
    source_line = IntegerAttribute(null=True)
    matched_day = UnicodeAttribute(null=True)
    noted_days = UnicodeAttribute(null=True)
    coarse_time = UnicodeAttribute(null=True)
    trader_order = UnicodeAttribute(null=True)
    day_shard = UnicodeAttribute(null=True)
    day_order = UnicodeAttribute(null=True)
    by_trader = ByTrader()
    by_day = ByDay()


class PositionItem(Model):
    """One position: kW and cash (eurocent/MWh x kW x minutes) on each side, moved by ADD only."""

    class Meta(_Client):
        table_name = "positions"

    delivery_day = UnicodeAttribute(hash_key=True)
    trader_period = UnicodeAttribute(range_key=True)
    trades = IntegerAttribute()
    buy_kw = IntegerAttribute()
    sell_kw = IntegerAttribute()
    buy_cash = IntegerAttribute()
    sell_cash = IntegerAttribute()


class FileItem(Model):
    """A receipt (`v000001`), the newest receipt with the lease (`current`), or rows kept beside it (`v000001#...`).

    Beside the file days stand the open ones (`leases`), the marks of delivery days and the book's first file day
    (`marks`), and in the partition `footers` texts of a last line that count as blank.
    """

    class Meta(_Client):
        table_name = "files"

    file_day = UnicodeAttribute(hash_key=True)
    version = UnicodeAttribute(range_key=True)
    number = IntegerAttribute(null=True)
    state = UnicodeAttribute(null=True)
    key = UnicodeAttribute(null=True)
    sha256 = UnicodeAttribute(null=True)
    object_version = UnicodeAttribute(null=True)
    rows = IntegerAttribute(null=True)
    booked = IntegerAttribute(null=True)
    already_there = IntegerAttribute(null=True)
    corrected = IntegerAttribute(null=True)
    quarantined = IntegerAttribute(null=True)
    withdrawn = IntegerAttribute(null=True)
    progress = IntegerAttribute(null=True)
    ignored_columns = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    imported_at = UnicodeAttribute(null=True)
    confirmed_at = UnicodeAttribute(null=True)
    changed_before = BooleanAttribute(null=True)
    standing_version = IntegerAttribute(null=True)
    standing_at = UnicodeAttribute(null=True)
    own_rows = IntegerAttribute(null=True)
    other_rows = IntegerAttribute(null=True)
    early = BooleanAttribute(null=True)
    awaited = BooleanAttribute(null=True)
    warnings = UnicodeAttribute(null=True)
    accepted_at = UnicodeAttribute(null=True)
    accepted_by = UnicodeAttribute(null=True)
    rules = IntegerAttribute(null=True)
    kept = IntegerAttribute(null=True)
    compared_with = UnicodeAttribute(null=True)
    undecided_days = UnicodeSetAttribute(null=True)
    undecided = UnicodeSetAttribute(null=True)
    owner = UnicodeAttribute(null=True)
    expires = IntegerAttribute(null=True)
    fence = IntegerAttribute(null=True)
    tried = IntegerAttribute(null=True)
    seen = UnicodeAttribute(null=True)
    seen_at = IntegerAttribute(null=True)
    quarantine = UnicodeAttribute(null=True)
    changes = UnicodeAttribute(null=True)
    marked_days = UnicodeSetAttribute(null=True)
    added_at = UnicodeAttribute(null=True)
    first_day = UnicodeAttribute(null=True)
    footer = UnicodeAttribute(null=True)


class NoticeItem(Model):
    """A notice in the outbox, or, under `morning#` and a delivery day in the place of a file day, a letter of its mail.

    `sent_at` is there once it was sent, `claimed_until` while a run is sending it.
    """

    class Meta(_Client):
        table_name = "notices"

    file_day = UnicodeAttribute(hash_key=True)
    kind_version = UnicodeAttribute(range_key=True)
    subject = UnicodeAttribute()
    body = UnicodeAttribute()
    written_at = UnicodeAttribute()
    sent_at = UnicodeAttribute(null=True)
    claimed_until = IntegerAttribute(null=True)
    claimed_by = UnicodeAttribute(null=True)
    html = UnicodeAttribute(null=True)
    told = UnicodeAttribute(null=True)


class PriceItem(Model):
    """The words on a delivery day's prices, or, under its name in the place of a day, what is known of a price file."""

    class Meta(_Client):
        table_name = "reference_prices"

    delivery_day = UnicodeAttribute(hash_key=True)
    words = UnicodeAttribute(null=True)
    writes = IntegerAttribute(null=True)
    turn = IntegerAttribute(null=True)
    done = IntegerAttribute(null=True)
    object_version = UnicodeAttribute(null=True)


class UserItem(Model):
    """A login."""

    class Meta(_Client):
        table_name = "users"

    name = UnicodeAttribute(hash_key=True)
    password_hash = UnicodeAttribute()
    role = UnicodeAttribute()
    trader_id = UnicodeAttribute(null=True)
    disabled = BooleanAttribute(default=False)


class AttemptItem(Model):
    """A failed login, or how many were begun; DynamoDB deletes it some time after `expires` (seconds since 1970)."""

    class Meta(_Client):
        table_name = "attempts"

    source = UnicodeAttribute(hash_key=True)
    moment = UnicodeAttribute(range_key=True)
    who = UnicodeAttribute()
    begun = IntegerAttribute(null=True)
    expires = IntegerAttribute()


class AuditItem(Model):
    """An administrative act; `before` and `after` are JSON."""

    class Meta(_Client):
        table_name = "audit"

    day = UnicodeAttribute(hash_key=True)
    moment = UnicodeAttribute(range_key=True)
    by = UnicodeAttribute()
    act = UnicodeAttribute()
    on = UnicodeAttribute()
    before = UnicodeAttribute()
    after = UnicodeAttribute()


MODELS: dict[str, type[Model]] = {
    "trades": TradeItem,
    "positions": PositionItem,
    "files": FileItem,
    "notices": NoticeItem,
    "users": UserItem,
    "reference_prices": PriceItem,
    "attempts": AttemptItem,
    "audit": AuditItem,
}


def name_tables(names: dict[str, str], new_session: Callable[[], Session] | None = None) -> None:
    """Set what the tables are called here, and connect anew: one client for all of them, made at once.

    Its session must be its own: what spares it a cold start makes it unfit for other services. PynamoDB
    would make a client a model, each as costly as the SDK's start, and one a thread where several ask first.
    """
    shared: Connection | None = None
    for table, model in MODELS.items():
        meta: Any = model.Meta
        meta.table_name = names[table]
        model._connection = None  # noqa: SLF001 - PynamoDB offers no other way to connect anew
        held = model._get_connection()  # noqa: SLF001 - nor to share a connection
        if shared is None:
            shared = held.connection
            shared._local.session = (new_session or get_session)()  # noqa: SLF001 - nor to choose its session
            _hurry(shared.session)
        else:
            shared.add_meta_table(held.get_meta_table())
            held.connection = shared
    if shared is not None:
        give_as_they_are(shared)
        take_as_they_come(shared)


def _hurry(session: Session) -> None:
    """Spare the SDK looking through the folders of all services, twice, and its own name, put together each time."""
    loader = session.get_component("data_loader")
    loader.list_available_services = lambda *_: [SERVICE_NAME]
    session.set_default_client_config(Config(user_agent=USER_AGENT))


def connection() -> Connection:
    """Give the one connection of all models, for transactions."""
    shared: Connection = TradeItem._get_connection().connection  # noqa: SLF001 - transactions take a bare connection
    return shared
