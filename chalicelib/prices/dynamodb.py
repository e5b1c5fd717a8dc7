"""Reference prices in DynamoDB, one item for each delivery day."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import date, timedelta

from pynamodb.attributes import UnicodeAttribute
from pynamodb.exceptions import PutError, TransactWriteError
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from chalicelib.audit.dynamodb import add_entry
from chalicelib.audit.model import Act, Deed, Entry
from chalicelib.aws.client import connection
from chalicelib.aws.errors import Contended, condition_failed, retried, translated_errors
from chalicelib.aws.items import IntegerAttribute
from chalicelib.aws.reads import read_many
from chalicelib.common.timestamps import EPOCH
from chalicelib.prices.quote import Quote, Quotes, changed_hours, newest, prices_of


class PriceItem(Model):
    """The quotes of a delivery day, or the state of a price file, whose name replaces the day."""

    class Meta:
        table_name = "reference_prices"

    delivery_day = UnicodeAttribute(hash_key=True)
    words = UnicodeAttribute(null=True)
    writes = IntegerAttribute(null=True)
    turn = IntegerAttribute(null=True)
    done = IntegerAttribute(null=True)
    object_version = UnicodeAttribute(null=True)


class PriceTable:
    def of(self, delivery_days: Collection[date]) -> Mapping[date, Mapping[int, int]]:
        return {date.fromisoformat(item.delivery_day): prices_of(_quotes(item)) for item in _items(delivery_days)}

    def record(self, quotes: Mapping[date, Quotes], user: str | None = None) -> int:
        items = {item.delivery_day: item for item in _items(quotes)}
        return sum(
            _record(items.get(day.isoformat(), PriceItem(day.isoformat())), of_day, user)
            for day, of_day in quotes.items()
        )


def _record(item: PriceItem, new: Quotes, user: str | None) -> int:
    """Write one day; one that changed meanwhile is read again."""
    before = _quotes(item)
    after: Quotes = before

    def write() -> None:
        nonlocal item, after
        stored = _quotes(item)
        after = newest(stored, new)
        if after == stored:
            return
        try:
            with translated_errors():
                _write(item, after, user)
        except (PutError, TransactWriteError) as error:
            if not condition_failed(error):
                raise
            item = next(iter(_items([date.fromisoformat(item.delivery_day)])), PriceItem(item.delivery_day))
            raise Contended from error

    retried(write)
    return changed_hours(before, {hour: quote for hour, quote in new.items() if after[hour] == quote})


def _write(item: PriceItem, after: Quotes, user: str | None) -> None:
    """Replace a day if it is unchanged; with a user, audit the new prices in the same transaction."""
    new = PriceItem(item.delivery_day, words=_text(after), writes=(item.writes or 0) + 1)
    unchanged = PriceItem.writes == item.writes if item.writes else PriceItem.delivery_day.does_not_exist()
    before = prices_of(_quotes(item))
    changed = {hour: quote for hour, quote in sorted(after.items()) if before.get(hour) != quote.price}
    if user is None or not changed:
        new.save(unchanged)
        return
    with TransactWrite(connection=connection()) as transaction:
        transaction.save(new, unchanged)
        add_entry(transaction, _entry(item.delivery_day, before, changed, user))


def _entry(day: str, before: Mapping[int, int], changed: Quotes, user: str) -> Entry:
    stated_at = max(quote.stated_at for quote in changed.values())
    old_prices = {str(hour): before.get(hour) for hour in changed}
    new_prices = {str(hour): quote.price for hour, quote in changed.items()}
    return Entry(Deed(user, Act.PRICES_SET, day), EPOCH + timedelta(microseconds=stated_at), old_prices, new_prices)


def _items(days: Collection[date]) -> list[PriceItem]:
    return read_many(PriceItem, [{"delivery_day": day.isoformat()} for day in days])


def _text(quotes: Quotes) -> str:
    stored = {hour: [quote.price, quote.stated_at, quote.source, quote.turn] for hour, quote in sorted(quotes.items())}
    return json.dumps(stored, ensure_ascii=False)


def _quotes(item: PriceItem) -> dict[int, Quote]:
    return {int(hour): Quote(*stored) for hour, stored in json.loads(item.words or "{}").items()}
