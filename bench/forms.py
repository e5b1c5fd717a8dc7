"""The year's file in every form of CSV that a feed of trades can have."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from bench import book
from chalicelib.common.delivery import hours_of
from chalicelib.common.once import reset
from chalicelib.feeds.feed import DAILY as DAILY_FEED
from chalicelib.feeds.feed import Feed
from chalicelib.feeds.key_pattern import KeyPattern

DAILY: Final = "voltbook-daily"
V2: Final = "voltbook-v2"
MAPPING: Final = "mapping:bench"
FORMS: Final = (DAILY, V2, MAPPING)

_MAPPING: Final = """
recognise = ["Trade No", "B/S"]
separator = ";"
decimal = ","
timezone = "UTC"
venue = "epex"

[columns]
id = "Trade No"
direction = "B/S"
quantity_mw = "MW"
price_eur_mwh = "EUR/MWh"
trader_id = "Trader"
execution_time = "Executed"
delivery_start = "From"
delivery_end = "To"

[formats]
execution_time = "%Y-%m-%d %H:%M:%S"
delivery_start = "%d.%m.%Y %H:%M"
delivery_end = "%d.%m.%Y %H:%M"

[direction]
B = "buy"
S = "sell"
"""
_HEADERS: Final = {
    V2: "venue,id,direction,delivery_start,delivery_end,quantity_mw,price_eur_mwh,trader_id,execution_time\n",
    MAPPING: "Trade No;B/S;MW;EUR/MWh;Trader;Executed;From;To\n",
}


def feed_of(form: str) -> Feed:
    """Return a feed whose files have this form."""
    if form == DAILY:
        return DAILY_FEED
    return Feed("own", KeyPattern.read("own/{YYYYMMDD}.csv"), format=form, venue="epex")


@contextmanager
def use_mapping() -> Iterator[None]:
    """Let imports find the mapping of these files."""
    folder = book.KEPT / "mappings"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bench.toml").write_text(_MAPPING)
    os.environ["VOLTBOOK_MAPPINGS"] = str(folder)
    reset()
    yield
    del os.environ["VOLTBOOK_MAPPINGS"]


def file_in(form: str, daily: Path) -> Path:
    """Return the same trades in this form, written once."""
    if form == DAILY:
        return daily
    path = daily.with_suffix(f".{form.partition(':')[0]}.csv")
    if not path.exists():
        unfinished = path.with_suffix(".part")
        with daily.open(encoding="ascii") as rows, unfinished.open("w", encoding="ascii") as file:
            file.write(_HEADERS[form])
            file.writelines(map(_ROWS[form], csv.DictReader(rows)))
        unfinished.replace(path)
    return path


def _v2_row(row: dict[str, str]) -> str:
    start, end = (f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in _delivery(row))
    price = f"{int(row['price']) / 100:.2f}"
    return (
        f"epex,{row['id']},{row['direction']},{start},{end},{row['quantity']},{price},"
        f"{row['trader_id']},{row['execution_time']}\n"
    )


def _mapped_row(row: dict[str, str]) -> str:
    start, end = (f"{at:%d.%m.%Y %H:%M}" for at in _delivery(row))
    price = f"{int(row['price']) / 100:.2f}".replace(".", ",")
    executed = row["execution_time"][:19].replace("T", " ")
    side = "B" if row["direction"] == "buy" else "S"
    return f"{row['id']};{side};{row['quantity']};{price};{row['trader_id']};{executed};{start};{end}\n"


def _delivery(row: dict[str, str]) -> tuple[datetime, datetime]:
    label = int(row["delivery_hour"])
    [start] = (hour.start for hour in hours_of(date.fromisoformat(row["delivery_day"])) if hour.hour == label)
    return start, start + timedelta(hours=1)


_ROWS: Final[dict[str, Callable[[dict[str, str]], str]]] = {V2: _v2_row, MAPPING: _mapped_row}
