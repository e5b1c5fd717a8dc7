"""Which price counts in each slot, said the short way: the newest that any file or user stated, else none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from chalicelib.prices.slots import Series
from tests.simulation.berlin import day_at, midnight
from tests.simulation.world import must

if TYPE_CHECKING:
    from tests.simulation.market import Market

SLOT: Final = timedelta(minutes=15)


class Statement(NamedTuple):
    """Of two at one instant the one by the later source counts, or by the later version, or the finer."""

    stated_at: datetime
    source: str
    version: int
    finer: int
    price: int
    certain: bool
    """Whether a run that read it came to its end."""


Said = dict[Series, dict[datetime, list[Statement]]]


def check_prices(market: Market, by_hand: Sequence[tuple[datetime, datetime, int]]) -> None:
    """Check all quotes and records once nothing is under way; `by_hand` are hours by their start and when stated."""
    said = _said(market, by_hand)
    for series, slots in said.items():
        found = market.prices.by_slot([series.day], series.zone, [series.set])[series.day]
        begin = midnight(series.day)
        for place, price in enumerate(found):
            start = begin + place * SLOT
            if price is None and start not in slots:
                continue
            shown, allowed = price and price.price, _allowed(slots.get(start, ()))
            must(shown in allowed, "slot {} of {} is {}, should be {}", place, series, shown, allowed)
    must(market.prices.series.keys() <= said.keys(), "there are prices that nobody stated")
    _check_files(market)
    _check_notices(market)
    market.tried["files of prices"] += len(market.files.ended)


def _allowed(statements: Sequence[Statement]) -> set[int | None]:
    """Return the newest price of those that were read to their end, and newer ones of runs that were killed."""
    allowed: set[int | None] = set()
    for one in sorted(statements, key=lambda one: one[:4], reverse=True):
        allowed.add(one.price)
        if one.certain:
            return allowed
    return {*allowed, None}


def _said(market: Market, by_hand: Sequence[tuple[datetime, datetime, int]]) -> Said:
    """Return what was stated of each slot by users, and by all versions that any run read."""
    said: Said = defaultdict(lambda: defaultdict(list))
    for start, stated_at, price in by_hand:
        _say(said, Series(day_at(start)), start, Statement(stated_at, "prices", 0, -60, price, certain=True))
    ended = {(key, version) for key, version, _, _ in market.files.ended}
    for key, version in market.store.fetched:
        file = market.put_files[key][version - 1]
        page, certain = file.page, (key, version) in ended
        for spell in () if file.fault else page.spells:
            if spell.price is not None:
                one = Statement(file.stored_at, key, version, -spell.minutes, spell.price, certain)
                _say(said, Series(day_at(spell.start), page.zone, page.set), spell.start, one)
    return said


def _say(said: Said, series: Series, start: datetime, statement: Statement) -> None:
    for place in range(-statement.finer // 15):
        said[series][start + place * SLOT].append(statement)


def _check_files(market: Market) -> None:
    """The newest version of every file was dealt with last, as it deserves, and each is said to be what it is."""
    ended = {key: (version, outcome) for key, version, outcome, _ in market.files.ended}
    for key, versions in market.put_files.items():
        last = market.files.processed_versions([key]).get(key)
        must(last == str(len(versions)), "the last version of {} is {}, known is {}", key, len(versions), last)
        version, outcome = ended[key]
        kept = market.files.outcome(key) or {}
        counts = {name: kept.get(name) for name in ("changed", "unchanged")}  # of all readings
        must((version, {**outcome, **counts}) == (len(versions), kept), "another outcome of {} is kept", key)
        less = int(str(kept["changed"])) < int(str(outcome["changed"]))
        must(not less, "{} is said to have changed less than it did", key)
    for key, version, outcome, notice in market.files.ended:
        file = market.put_files[key][version - 1]
        useless, stated = bool(file.fault), sum(one.price is not None for one in file.page.spells)
        right = {
            "state": "rejected" if useless else "imported",
            "feed": file.file.feed.name,
            "file_day": file.file.file_day.isoformat(),
            "received": 0 if useless else stated,
        }
        wrong = [name for name, value in right.items() if outcome[name] != value]
        must(not wrong, "{} of version {} of {} is wrong: {}", wrong, version, key, outcome)
        must(useless == bool(notice), "version {} of {} is rejected, and its notice is {}", version, key, notice)
        must(useless or bool(outcome["gaps"]) == file.page.strict, "gaps are wrong: {}", outcome)


def _check_notices(market: Market) -> None:
    """Every version that was rejected is told, and nothing else about prices."""
    meant = {(one.subject, one.body) for _, _, _, one in market.files.ended if one is not None}
    for said in meant:
        must(market.heard[said] > 0, "nobody was told: {}", said[0])
    told = {said for said in market.heard if "the prices in" in said[0]}
    must(told <= meant, "told for nothing: {}", told - meant)
