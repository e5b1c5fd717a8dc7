"""Reference prices in the `reference_prices` table: one item a delivery day, replaced only as it was read."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import date

from pynamodb.exceptions import PutError
from pynamodb.expressions.condition import Condition

from chalicelib.adapters.batches import read_many
from chalicelib.adapters.failures import Contended, condition_failed, retried, told_plainly
from chalicelib.adapters.models import PriceItem
from chalicelib.domain.price_word import Word, Words, changed_hours, newest, prices_of


class PriceTable:
    """The table `reference_prices`; see `ports.Prices` for what each call promises."""

    def of(self, delivery_days: Collection[date]) -> Mapping[date, Mapping[int, int]]:
        """Give the prices there are."""
        return {date.fromisoformat(item.delivery_day): prices_of(_words(item)) for item in _items(delivery_days)}

    def say(self, said: Mapping[date, Words]) -> int:
        """Keep what is newer, day by day."""
        standing = {item.delivery_day: item for item in _items(said)}
        return sum(
            _say(standing.get(day.isoformat(), PriceItem(day.isoformat())), words) for day, words in said.items()
        )


def _say(item: PriceItem, words: Words) -> int:
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
                _next(item, counting).save(_unchanged(item))
        except PutError as error:
            if not condition_failed(error):
                raise
            item = _again(item)
            raise Contended from error

    retried(write)
    return changed_hours(before, {hour: word for hour, word in words.items() if counting[hour] == word})


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
