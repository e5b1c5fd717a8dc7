"""Writes daily files of made-up intraday trades, because real ones may be neither published nor reproduced.

Beside each stands a file of reference prices of the same day, made from the same market.

python -m samples.generate                                                         the committed ones, again
python -m samples.generate --seed 7 --count 120 --day 2026-06-15 --days 4 --out DIR  others
"""

import argparse
import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from samples.prices import HourPrice, day_of_prices, price_file_name
from samples.rng import Rng
from samples.traders import Deal, TradingDay, deals

HERE = Path(__file__).parent
SEED = 2707  # looked for: a sunny Sunday, people in autumn's hour 2, a day worth a report
COUNT = 200
# Rows a day: four ordinary days with a Sunday, and the days before and of a spring and an autumn change.
COMMITTED = {
    date(2026, 6, 13): 180,
    date(2026, 6, 14): 190,
    date(2026, 6, 15): 240,
    date(2026, 6, 16): 230,
    date(2026, 3, 28): 170,
    date(2026, 3, 29): 180,
    date(2025, 10, 25): 170,
    date(2025, 10, 26): 180,
}
BLOCK = 10_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Row(NamedTuple):
    """One line of a daily file; `_asdict()` is the same trade for the HTTP API."""

    id: str
    price: int  # eurocent/MWh
    quantity: int  # MW
    direction: str
    delivery_day: str
    delivery_hour: int
    trader_id: str
    execution_time: str


def day_of_trades(file_day: date, *, seed: int, count: int) -> list[Row]:
    """Make so many trades of one day, in the order of execution; the same seed gives the same ones."""
    return list(_block(TradingDay.on(file_day, seed), file_day, f"{seed}/deals/{file_day}/0", 0, count))


def stream(first_day: date, *, seed: int, count: int, per_day: int = BLOCK) -> Iterator[Row]:
    """Make so many trades, day after day, as they are asked for: any number of them fits in memory.

    Beyond 10 000 trades a day only each 10 000 are in the order of execution: a file need not be sorted.
    """
    if per_day < 1:
        raise ValueError(f"per_day must be at least 1, got {per_day}")
    for done in range(0, count, per_day):
        file_day = first_day + timedelta(days=done // per_day)
        trading = TradingDay.on(file_day, seed)
        today = min(per_day, count - done)
        for begin in range(0, today, BLOCK):
            chance = f"{seed}/deals/{file_day}/{begin}"
            yield from _block(trading, file_day, chance, begin, min(BLOCK, today - begin))


def write_daily_file(path: Path, rows: Iterable[Row]) -> None:
    """Write all of the file or none of it: a program that watches the folder never reads half a day."""
    _write(path, Row._fields, rows)


def write_price_file(path: Path, prices: Iterable[HourPrice]) -> None:
    """Write all of the file or none of it."""
    _write(path, HourPrice._fields, prices)


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    unfinished = path.with_name(f"{path.name}.part")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    unfinished.replace(path)


def file_name(file_day: date) -> str:
    return f"epex_trades_{file_day:%Y%m%d}.csv"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.out is None and given != parser.parse_args([]):
        parser.error("--out is needed with any other option: only the committed samples have a place")
    out = given.out or HERE
    out.mkdir(parents=True, exist_ok=True)
    for file_day, count in _wanted(given.day, given.days, given.count).items():
        path = out / file_name(file_day)
        write_daily_file(path, day_of_trades(file_day, seed=given.seed, count=count))
        print(path)
        path = out / price_file_name(file_day)
        write_price_file(path, day_of_prices(file_day, seed=given.seed))
        print(path)


def _wanted(first: date | None, days: int, count: int | None) -> dict[date, int]:
    if first is None:
        return {day: count or usual for day, usual in COMMITTED.items()}
    return {first + timedelta(days=number): count or COUNT for number in range(days)}


def _block(trading: TradingDay, file_day: date, chance: str, begin: int, count: int) -> Iterator[Row]:
    for number, deal in enumerate(deals(Rng(chance), trading, count), start=begin + 1):
        yield _row(f"EPX-{file_day:%Y%m%d}-{number:06d}", deal)


def _row(trade_id: str, deal: Deal) -> Row:
    executed = (EPOCH + timedelta(microseconds=deal.at)).isoformat().replace("+00:00", "Z")
    day, hour = deal.delivery.day.isoformat(), deal.delivery.hour
    return Row(trade_id, deal.price, deal.quantity, deal.direction, day, hour, deal.trader_id, executed)


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("python -m samples.generate", description=__doc__, formatter_class=raw)
    parser.add_argument("--seed", type=int, default=SEED, help="other seed, other trades (default: %(default)s)")
    parser.add_argument("--count", type=_at_least_one, help=f"rows a file (default: {COUNT})")
    parser.add_argument("--day", type=date.fromisoformat, help="the first file day, YYYY-MM-DD")
    parser.add_argument("--days", type=_at_least_one, default=1, help="how many days from --day (default: 1)")
    parser.add_argument("--out", type=Path, help="the folder to write to")
    return parser


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {text}")
    return number


if __name__ == "__main__":
    main()
