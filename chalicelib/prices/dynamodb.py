"""Reference prices in the `reference_prices` table: one item a delivery day, replaced only as it was read."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from pynamodb.attributes import UnicodeAttribute
from pynamodb.exceptions import PutError, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from chalicelib.audit.dynamodb import add_entry
from chalicelib.audit.model import Act, Deed, Entry
from chalicelib.aws.batch_read import read_many
from chalicelib.aws.client import connection
from chalicelib.aws.errors import Contended, condition_failed, retried, told_plainly
from chalicelib.aws.items import ClientSettings, IntegerAttribute
from chalicelib.prices.quote import Word, Words, changed_hours, newest, prices_of

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class PriceItem(Model):
    """The words on a delivery day's prices, or, under its name in the place of a day, what is known of a price file."""

    class Meta(ClientSettings):
        table_name = "reference_prices"

    delivery_day = UnicodeAttribute(hash_key=True)
    words = UnicodeAttribute(null=True)
    writes = IntegerAttribute(null=True)
    turn = IntegerAttribute(null=True)
    done = IntegerAttribute(null=True)
    object_version = UnicodeAttribute(null=True)


class PriceTable:
    """The table `reference_prices`; see `Prices` for what each call promises."""

    def of(self, delivery_days: Collection[date]) -> Mapping[date, Mapping[int, int]]:
        """Give the prices there are."""
        return {date.fromisoformat(item.delivery_day): prices_of(_words(item)) for item in _items(delivery_days)}

    def say(self, said: Mapping[date, Words], by: str | None = None) -> int:
        """Keep what is newer, day by day."""
        standing = {item.delivery_day: item for item in _items(said)}
        return sum(
            _say(standing.get(day.isoformat(), PriceItem(day.isoformat())), words, by) for day, words in said.items()
        )


def _say(item: PriceItem, words: Words, by: str | None) -> int:
    """Write one day; what another wrote since it was read is read again, with jitter and not forever."""
    before = _words(item)
    counting: Words = before

    def write() -> None:
        nonlocal item, counting
        standing = _words(item)
        counting = newest(standing, words)
        if counting == standing:
            return
        try:
            with told_plainly():
                _write(item, counting, by)
        except (PutError, TransactWriteError) as error:
            if not condition_failed(error):
                raise
            item = _again(item)
            raise Contended from error

    retried(write)
    return changed_hours(before, {hour: word for hour, word in words.items() if counting[hour] == word})


def _write(item: PriceItem, counting: Words, by: str | None) -> None:
    """Replace a day as it was read; what a person says goes to the audit in the same transaction."""
    if by is None:
        _next(item, counting).save(_unchanged(item))
        return
    with TransactWrite(connection=connection()) as transaction:
        transaction.save(_next(item, counting), _unchanged(item))
        add_entry(transaction, _entry(item.delivery_day, _words(item), counting, by))


def _entry(day: str, before: Words, after: Words, by: str) -> Entry:
    new = {hour: word for hour, word in sorted(after.items()) if before.get(hour) != word}
    said_at = max(word.said_at for word in new.values())
    was = {str(hour): before[hour].price if hour in before else None for hour in new}
    deed = Deed(by, Act.PRICES_SET, day)
    return Entry(deed, _EPOCH + said_at * _MICROSECOND, was, {str(hour): word.price for hour, word in new.items()})


def _items(days: Collection[date]) -> list[PriceItem]:
    return read_many(PriceItem, [{"delivery_day": day.isoformat()} for day in days])


def _again(item: PriceItem) -> PriceItem:
    return next(iter(_items([date.fromisoformat(item.delivery_day)])), PriceItem(item.delivery_day))


def _next(item: PriceItem, words: Words) -> PriceItem:
    return PriceItem(item.delivery_day, words=_text(words), writes=(item.writes or 0) + 1)


def _unchanged(item: PriceItem) -> Condition:
    """The condition that nobody wrote this day since it was read."""
    return PriceItem.writes == item.writes if item.writes else PriceItem.delivery_day.does_not_exist()


def _text(words: Words) -> str:
    kept = {hour: [word.price, word.said_at, word.said_by, word.turn] for hour, word in sorted(words.items())}
    return json.dumps(kept, ensure_ascii=False)


def _words(item: PriceItem) -> dict[int, Word]:
    return {int(hour): Word(*word) for hour, word in json.loads(item.words or "{}").items()}
