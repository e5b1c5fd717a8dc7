"""How senders write files of prices: by hour, by quarter-hour and by start, as a mapped CSV and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from chalicelib.imports.formats.mapping import format_of
from chalicelib.imports.formats.mapping_file import read_mapping
from chalicelib.imports.formats.reading import Format
from tests.simulation.berlin import at, midnight

if TYPE_CHECKING:
    from tests.simulation.world import World

HOUR: Final = 60
QUARTER: Final = 15
GAPS: Final = ("", "-", "n/a")
TABLE: Final = """
kind = "prices"
recognise = ["Von", "Bis", "Kurs"]
separator = ";"
decimal = ","
timezone = "Europe/Berlin"

[columns]
start = "Von"
end = "Bis"
price_eur_mwh = "Kurs"

[formats]
start = "%d.%m.%Y %H:%M"
end = "%d.%m.%Y %H:%M"

[constants]
set = "id3"
"""
FORMATS: Final = ("reference_prices", "mapping:market", "energy-charts", "auto")


class Spell(NamedTuple):
    """A time of delivery with the price that a file states, None for a gap."""

    start: datetime
    minutes: int
    price: int | None


@dataclass(frozen=True, slots=True)
class Page:
    """A file of prices of a set and zone; `spoilt` is its text with a price that is none.

    A `strict` format refuses a file without a price and names what it leaves out.
    """

    text: str
    spoilt: str
    spells: Sequence[Spell]
    set: str = "desk"
    zone: str = "DE-LU"
    strict: bool = False

    @property
    def refused(self) -> bool:
        return self.strict and all(one.price is None for one in self.spells)


@lru_cache(maxsize=1)
def mappings() -> Sequence[Format]:
    return (format_of(read_mapping(TABLE.encode(), "market.toml")),)


def doubled(day: date) -> bool:
    return midnight(day + timedelta(days=1)) - midnight(day) > timedelta(days=1)


def desk_page(day: date, market: World) -> Page:
    """Write a file of the desk's own prices in one of its three forms."""
    kind = market.below(3)
    if kind == 0:
        return _by_hour(day, market)
    return _by_quarter(day, market) if kind == 1 else by_start(day, market)


def _by_hour(day: date, market: World) -> Page:
    rows, spells = ["delivery_day,delivery_hour,price"], list[Spell]()
    for hour in sorted({13} | {market.below(24) for _ in range(market.below(4))} | ({2} if doubled(day) else set())):
        starts = starts_of(day, hour)
        if len(starts) == 2 and market.likely(0.7):  # each of the two hours has its own row
            names = ("2A", "2B") if market.likely(0.5) else ("2", "2")
            prices = (_price(market), 200 + _price(market))
            rows += [f"{day},{name},{price}" for name, price in zip(names, prices, strict=True)]
            spells += [Spell(start, HOUR, price) for start, price in zip(starts, prices, strict=True)]
        elif starts:
            price = _price_or_gap(market)
            rows.append(f"{day},{hour},{_cell(price, market, str)}")
            spells.append(Spell(starts[0], HOUR * len(starts), price))
    return Page(_table(rows), _table([*rows, f"{day},14,x"]), spells)


def _by_quarter(day: date, market: World) -> Page:
    rows, spells = ["delivery_day,delivery_hour,quarter,price [EUR/MWh]"], list[Spell]()
    hour = market.choice((2, 3, 13) if starts_of(day, 2) else (3, 13))
    for quarter in sorted({market.below(4) for _ in range(1 + market.below(3))}):
        price = _price_or_gap(market)
        rows.append(f"{day},{hour},{quarter},{_cell(price, market, _eur)}")
        quarters = (start + timedelta(minutes=QUARTER * quarter) for start in starts_of(day, hour))
        spells += [Spell(start, QUARTER, price) for start in quarters]
    return Page(_table(rows), _table([*rows, f"{day},14,4,1.00"]), spells)


def by_start(day: date, market: World, name: str = "desk", zone: str = "DE-LU") -> Page:
    """Write prices by their start in UTC, of hours and quarter-hours that may overlap."""
    rows, spells = ["start,minutes,set,zone,price_eur_mwh"], dict[tuple[datetime, int], Spell]()
    for _ in range(1 + market.below(4)):
        minutes = market.choice((HOUR, QUARTER))
        start = at(day, HOUR * market.below(4) + (QUARTER * market.below(4) if minutes == QUARTER else 0))
        if (start, minutes) not in spells:
            price = _price_or_gap(market)
            rows.append(f"{start:%Y-%m-%dT%H:%M:%SZ},{minutes},{name},{zone},{_cell(price, market, _eur)}")
            spells[start, minutes] = Spell(start, minutes, price)
    bad = f"{at(day, 0):%Y-%m-%dT%H:%M:%SZ},30,{name},{zone},1.00"
    return Page(_table(rows), _table([*rows, bad]), list(spells.values()), name, zone)


def mapped(day: date, market: World) -> Page:
    """Write some hours from midnight on the clock of Berlin, which shows one of them twice in autumn."""
    rows, spells = ["Von;Bis;Kurs"], list[Spell]()
    for hour in range(2 + market.below(4)):
        start = at(day, HOUR * hour)
        price = _price_or_gap(market)
        rows.append(f"{_clock(start)};{_clock(start + timedelta(hours=1))};{_cell(price, market, _german)}")
        spells.append(Spell(start, HOUR, price))
    return Page(
        _table(rows), _table([*rows, f"{day:%d.%m.%Y} 12:00;{day:%d.%m.%Y} 13:00;x"]), spells, "id3", strict=True
    )


def charted(day: date, market: World) -> Page:
    """Write JSON with times in seconds."""
    minutes = market.choice((HOUR, QUARTER))
    spells = [Spell(at(day, minutes * place), minutes, _price_or_gap(market)) for place in range(2 + market.below(4))]
    fields = {
        "unix_seconds": [int(one.start.timestamp()) for one in spells],
        "price": [None if one.price is None else one.price / 100 for one in spells],
        "unit": "EUR / MWh",
    }
    bad = fields | {"price": ["x"] * len(spells)}
    return Page(json.dumps(fields), json.dumps(bad), spells, "da", strict=True)


def _table(rows: Sequence[str]) -> str:
    return "\n".join([*rows, ""])


def starts_of(day: date, hour: int) -> list[datetime]:
    """Return the starts of the hours that the clock shows so: none or two of them where it is changed."""
    begin = midnight(day)
    changed = midnight(day + timedelta(days=1)) - begin - timedelta(days=1)
    if hour == 2 and changed:
        return [begin + timedelta(hours=2), begin + timedelta(hours=3)] if changed > timedelta() else []
    return [begin + timedelta(hours=hour) + (changed if hour > 2 else timedelta())]


def _price(market: World) -> int:
    return market.below(200) - 50


def _price_or_gap(market: World) -> int | None:
    return None if market.likely(0.12) else _price(market)


def _cell(price: int | None, market: World, shown: Callable[[int], str]) -> str:
    return market.choice(GAPS) if price is None else shown(price)


def _eur(price: int) -> str:
    return f"{'-' if price < 0 else ''}{abs(price) // 100}.{abs(price) % 100:02d}"


def _german(price: int) -> str:
    return _eur(price).replace(".", ",")


def _clock(moment: datetime) -> str:
    """Return the time on the clock of Berlin by the rule, not by the tables."""
    day = moment.date() if moment < midnight(moment.date() + timedelta(days=1)) else moment.date() + timedelta(days=1)
    passed = moment - midnight(day)
    changed = midnight(day + timedelta(days=1)) - midnight(day) - timedelta(days=1)
    if changed and passed >= timedelta(hours=3 if changed > timedelta() else 2):
        passed -= changed
    return f"{datetime.combine(day, datetime.min.time(), UTC) + passed:%d.%m.%Y %H:%M}"
