"""The committed samples, held to the exchange's rules without asking their generator what these are."""

import csv
import re
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

SAMPLES = Path(__file__).parents[2] / "samples"
BERLIN = ZoneInfo("Europe/Berlin")
HEADER = "id,price,quantity,direction,delivery_day,delivery_hour,trader_id,execution_time"
COMMITTED = [
    "epex_trades_20251025.csv",
    "epex_trades_20251026.csv",
    "epex_trades_20260328.csv",
    "epex_trades_20260329.csv",
    "epex_trades_20260613.csv",
    "epex_trades_20260614.csv",
    "epex_trades_20260615.csv",
    "epex_trades_20260616.csv",
]
PRICES = [name.replace("epex_trades", "reference_prices") for name in COMMITTED]
REPORTED_DAYS = ["2026-06-14", "2026-06-15", "2026-06-16", "2026-03-29", "2025-10-26"]


def read(name: str) -> list[dict[str, str]]:
    with (SAMPLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def every_row() -> list[dict[str, str]]:
    return [row for name in COMMITTED for row in read(name)]


def starts_of(day: date, hour: int) -> list[datetime]:
    """Every moment at which the Berlin clock shows that hour on that day: none, one or two."""
    midnight = datetime.combine(day, time(), BERLIN).astimezone(UTC)
    moments = [(midnight + timedelta(hours=passed)).astimezone(BERLIN) for passed in range(25)]
    return [moment.astimezone(UTC) for moment in moments if (moment.date(), moment.hour) == (day, hour)]


def pnl_by_hour(trader: str, day: str) -> dict[int, int]:
    hours: dict[int, int] = defaultdict(int)
    for row in every_row():
        if (row["trader_id"], row["delivery_day"]) == (trader, day):
            cash = int(row["price"]) * int(row["quantity"])
            hours[int(row["delivery_hour"])] += cash if row["direction"] == "sell" else -cash
    return hours


def test_the_committed_files_are_the_listed_ones() -> None:
    assert sorted(path.name for path in SAMPLES.glob("*.csv")) == COMMITTED + PRICES


@pytest.mark.parametrize("name", COMMITTED)
def test_a_file_has_the_exchanges_header_and_unix_newlines(name: str) -> None:
    content = (SAMPLES / name).read_bytes()
    assert content.startswith(f"{HEADER}\n".encode())
    assert content.endswith(b"\n")
    assert b"\r" not in content


@pytest.mark.parametrize("name", COMMITTED)
def test_every_row_is_a_valid_trade(name: str) -> None:
    for row in read(name):
        assert re.fullmatch(r"-?[1-9][0-9]*|0", row["price"]), row
        assert re.fullmatch(r"[1-9][0-9]*", row["quantity"]), row
        assert row["direction"] in {"buy", "sell"}, row
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{6})?Z", row["execution_time"]), row
        assert starts_of(date.fromisoformat(row["delivery_day"]), int(row["delivery_hour"])), row


@pytest.mark.parametrize("name", COMMITTED)
def test_rows_were_executed_on_the_file_day_five_minutes_before_delivery(name: str) -> None:
    file_day = datetime.strptime(name, "epex_trades_%Y%m%d.csv").replace(tzinfo=BERLIN).date()
    for row in read(name):
        executed = datetime.fromisoformat(row["execution_time"])
        delivered = date.fromisoformat(row["delivery_day"])
        assert executed.astimezone(BERLIN).date() == file_day, row
        assert delivered - file_day in {timedelta(0), timedelta(days=1)}, row
        assert executed <= min(starts_of(delivered, int(row["delivery_hour"]))) - timedelta(minutes=5), row


@pytest.mark.parametrize("name", COMMITTED)
def test_rows_stand_in_the_order_of_execution(name: str) -> None:
    moments = [datetime.fromisoformat(row["execution_time"]) for row in read(name)]
    assert moments == sorted(moments)


@pytest.mark.parametrize("name", COMMITTED)
def test_the_next_day_trades_mostly_from_15_00(name: str) -> None:
    file_day = name[12:16] + "-" + name[16:18] + "-" + name[18:20]
    ahead = [row["execution_time"] for row in read(name) if row["delivery_day"] != file_day]
    late = [moment for moment in ahead if datetime.fromisoformat(moment).astimezone(BERLIN).hour >= 15]
    assert len(late) > 0.8 * len(ahead) > 0


def test_ids_are_unique_over_all_files() -> None:
    ids = [row["id"] for row in every_row()]
    assert len(set(ids)) == len(ids)


def test_prices_are_negative_on_the_sunny_sunday() -> None:
    sunday = [row for row in every_row() if row["delivery_day"] == "2026-06-14"]
    assert {row["delivery_hour"] for row in sunday if int(row["price"]) < 0} >= {"12", "13", "14"}


def test_spring_has_no_hour_2_and_autumn_has_it() -> None:
    in_hour_2 = {(row["delivery_day"], row["trader_id"]) for row in every_row() if row["delivery_hour"] == "2"}
    assert "2026-03-29" not in {day for day, _ in in_hour_2}
    assert in_hour_2 >= {("2025-10-26", "trader_1"), ("2025-10-26", "trader_2")}


@pytest.mark.parametrize("trader", ["trader_1", "trader_2"])
@pytest.mark.parametrize("day", REPORTED_DAYS)
def test_a_trader_gains_in_some_hours_and_loses_in_others(trader: str, day: str) -> None:
    results = pnl_by_hour(trader, day).values()
    assert min(results) < 0 < max(results)


def test_the_report_in_the_readme_has_a_dozen_hours_and_a_gain() -> None:
    hours = pnl_by_hour("trader_1", "2026-06-15")
    assert len(hours) >= 12
    assert sum(hours.values()) > 0


@pytest.mark.parametrize("name", PRICES)
def test_a_file_of_prices_has_one_for_each_hour_of_its_day(name: str) -> None:
    day = datetime.strptime(name, "reference_prices_%Y%m%d.csv").replace(tzinfo=BERLIN).date()
    content = (SAMPLES / name).read_bytes()
    assert content.startswith(b"delivery_day,delivery_hour,price\n")
    assert content.endswith(b"\n")
    assert b"\r" not in content
    assert {row["delivery_day"] for row in read(name)} == {day.isoformat()}
    assert [int(row["delivery_hour"]) for row in read(name)] == [hour for hour in range(24) if starts_of(day, hour)]


@pytest.mark.parametrize("name", PRICES)
def test_prices_are_close_to_what_was_traded(name: str) -> None:
    for row in read(name):
        traded = [
            int(trade["price"])
            for trade in every_row()
            if (trade["delivery_day"], trade["delivery_hour"]) == (row["delivery_day"], row["delivery_hour"])
        ]
        assert not traded or abs(int(row["price"]) - sum(traded) // len(traded)) < 3000, row


def test_a_reference_price_of_the_sunny_sunday_is_negative() -> None:
    assert any(int(row["price"]) < 0 for row in read("reference_prices_20260614.csv"))
