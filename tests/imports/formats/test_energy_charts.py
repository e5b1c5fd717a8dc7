"""Prices of energy-charts.info."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from chalicelib.common.csv_records import UnreadableFile
from chalicelib.imports.formats.energy_charts import EnergyCharts
from chalicelib.imports.formats.head import read_head
from chalicelib.imports.formats.recognition import recognise
from tests.imports.formats.examples import fields_with_problems, reading_of, rows_of
from tests.imports.formats.price_examples import MIDNIGHT, by_start, energy_charts

FORMAT = EnergyCharts()
TIMES = [MIDNIGHT + 900 * number for number in range(96)]
PRICES: list[Any] = [number / 4 for number in range(96)]


def test_quarter_hours_are_read_and_recognised() -> None:
    content = energy_charts()
    reading = reading_of(FORMAT, content)

    assert recognise(read_head(io.BytesIO(content))).name == FORMAT.name
    assert len(reading.prices) == 96
    assert {"2026-06-14T22:00Z": "0.00", "2026-06-15T21:45Z": "23.75"}.items() <= by_start(reading).items()
    assert reading.problems == []


def test_hours_are_read_into_the_zone_that_is_set() -> None:
    reading = reading_of(EnergyCharts("FR"), energy_charts(3600, 24))

    assert {(price.zone, price.period.minutes) for price in reading.prices} == {("FR", 60)}
    assert len(reading.prices) == 24


def test_days_of_hours_and_of_quarter_hours_may_follow_each_other() -> None:
    times = [MIDNIGHT + 3600 * hour for hour in range(24)] + [MIDNIGHT + 86400 + 900 * slot for slot in range(96)]
    reading = reading_of(FORMAT, energy_charts(count=120, unix_seconds=times))

    assert [price.period.minutes for price in reading.prices] == [60] * 24 + [15] * 96
    assert reading.problems == []


def cell(number: int, value: Any) -> dict[str, Any]:
    return {"prices": [*PRICES[: number - 1], value, *PRICES[number:]]}


@pytest.mark.parametrize("value", [None, "60,25", "60.25", "1.250,00", True, 60.251, 1e300, [1]], ids=repr)
def test_a_hostile_price_is_quarantined(value: Any) -> None:
    rows = rows_of(FORMAT, energy_charts(**cell(3, value)))

    assert fields_with_problems(rows[:96]) == {3: ["price"]}
    assert rows[-1].problems[0].field == "day"


WHOLE = energy_charts()
HOSTILE = {
    "truncated": (WHOLE[:-20], "not JSON"),
    "nothing": (b"", "not JSON"),
    "a list": (b"[1]", "must be a JSON object"),
    "wrong unit": (energy_charts(unit="EUR / kWh"), "unit must be EUR/MWh, got 'EUR / kWh'"),
    "no unit": (energy_charts(unit=None), "unit must be EUR/MWh, got null"),
    "NaN": (energy_charts(**cell(3, float("nan"))), "NaN is no JSON number"),
    "infinity": (energy_charts(**cell(3, float("-inf"))), "-Infinity is no JSON number"),
    "one price too few": (energy_charts(prices=PRICES[:-1]), "96 entries and price 95"),
    "no prices": (energy_charts(price=None), "price must be a list"),
    "no times": (energy_charts(unix_seconds=[]), "unix_seconds must be a list"),
    "wrong order": (energy_charts(unix_seconds=[TIMES[1], TIMES[0], *TIMES[2:]]), "entry 2, must be after"),
    "a time twice": (energy_charts(unix_seconds=[TIMES[0], TIMES[0], *TIMES[2:]]), "entry 2, must be after"),
    "a crooked time": (energy_charts(unix_seconds=[TIMES[0] + 60, *TIMES[1:]]), "multiple of 15 minutes"),
    "milliseconds": (energy_charts(unix_seconds=[one * 1000 for one in TIMES]), "must be whole seconds"),
    "a part of a second": (energy_charts(unix_seconds=[TIMES[0] + 0.5, *TIMES[1:]]), "must be whole seconds"),
    "text as time": (energy_charts(unix_seconds=[str(one) for one in TIMES]), "must be whole seconds"),
    "a time before 1970": (energy_charts(unix_seconds=[-1]), "must be whole seconds since 1970, got -1"),
    "the time 0": (energy_charts(unix_seconds=[0]), "2000 to 2099, got 1970-01-01T00:00:00Z"),
    "a time after 2099": (energy_charts(unix_seconds=[2**32 - 1]), "2000 to 2099, got 2106-02-07T06:28:15Z"),
    "a later time": (energy_charts(unix_seconds=[2**32]), "must be whole seconds since 1970, got 4294967296"),
    "a late time in wrong order": (energy_charts(unix_seconds=[TIMES[0], *TIMES[2:], TIMES[1]]), "entry 96, must be"),
    "40000 times": (energy_charts(unix_seconds=[0] * 40_000), "entry 1, must be"),
    "40001 times": (energy_charts(unix_seconds=[0] * 40_001), "must be a list of 1 to 40000 entries, got a list"),
    "a key twice": (WHOLE[:-1] + b', "price": []}', "names 'price' twice"),
    "deep nesting": (b'{"price":' + b"[" * 5000, "nested too deep"),
    "too large": (WHOLE + b" " * 5_000_000, "at most 5000000"),
}


@pytest.mark.parametrize(("content", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_rejected_with_its_reason(content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        rows_of(FORMAT, content)


def test_a_gap_in_the_day_is_quarantined_beside_the_prices() -> None:
    rows = rows_of(FORMAT, energy_charts(count=95, unix_seconds=TIMES[:40] + TIMES[41:]))

    assert len(rows) == 96
    assert rows[-1].problems[0].message.endswith("1 of its 96 quarter-hours, the first 10:00 - 10:15")


@pytest.mark.parametrize(
    ("content", "gap"),
    [
        (energy_charts(**cell(3, None)), {3: True, 4: True}),
        (energy_charts(**cell(3, "x")), {3: False, 4: True}),
        (energy_charts(count=97), {97: True}),
        (energy_charts(count=97, prices=[*PRICES, "x"]), {97: True}),
        (energy_charts(count=1), {1: True}),
    ],
    ids=["no price", "wrong price", "alone", "alone with a wrong price", "alone in the file"],
)
def test_only_a_wrong_price_keeps_the_other_prices_out(content: bytes, gap: dict[int, bool]) -> None:
    assert {row.line: row.gap for row in rows_of(FORMAT, content) if row.problems} == gap


def test_an_entry_alone_on_its_day_shows_no_length() -> None:
    rows = rows_of(FORMAT, energy_charts(count=97))

    assert fields_with_problems(rows) == {97: ["unix_seconds"]}


def test_the_prices_of_the_file_keep_every_digit() -> None:
    text = json.dumps(json.loads(WHOLE)).replace(" 0.25,", " -0.010,")

    assert by_start(reading_of(FORMAT, text.encode()))["2026-06-14T22:15Z"] == "-0.01"
