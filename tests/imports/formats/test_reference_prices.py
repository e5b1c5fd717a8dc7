"""The desk's own CSV of prices, recognised by its columns."""

from __future__ import annotations

import pytest

from chalicelib.common.csv_records import UnreadableFile
from chalicelib.imports.formats.recognition import NotRecognised, recognise
from chalicelib.imports.formats.reference_prices import ReferencePrices
from tests.imports.formats.examples import fields_with_problems, reading_of, rows_of
from tests.imports.formats.test_head import head_of

BY_HOUR = b"delivery_day,delivery_hour,price\n2026-06-15,1,10\n2026-10-25,2,20\n"
BY_PERIOD = b"set,zone,start,minutes,price_eur_mwh\nda,FR,2026-06-15T00:15:00Z,15,1.05\n"


@pytest.mark.parametrize("content", [BY_HOUR, BY_PERIOD], ids=["hours", "periods"])
def test_it_is_recognised_by_its_columns(content: bytes) -> None:
    assert recognise(head_of(content)).name == "reference_prices"


@pytest.mark.parametrize(
    "header",
    [b"id,price,quantity,direction,delivery_day,delivery_hour,trader_id,execution_time", b"delivery_day,delivery_hour"],
)
def test_other_columns_are_not(header: bytes) -> None:
    with pytest.raises(NotRecognised):
        recognise(head_of(header + b"\n"))


def test_an_hour_that_comes_twice_is_stated_for_both() -> None:
    reading = reading_of(ReferencePrices(), BY_HOUR)

    assert [(str(price), price.price) for price in reading.prices] == [
        ("desk in DE-LU, 60 minutes from 2026-06-14T23:00:00Z,", 10),
        ("desk in DE-LU, 60 minutes from 2026-10-25T00:00:00Z,", 20),
        ("desk in DE-LU, 60 minutes from 2026-10-25T01:00:00Z,", 20),
    ]


def test_prices_of_periods_keep_their_set_and_zone() -> None:
    [price] = reading_of(ReferencePrices(), BY_PERIOD).prices

    assert (price.set, price.zone, price.period.minutes, price.price) == ("da", "FR", 15, 105)


def test_a_larger_file_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="the file has 5000001 bytes, at most 5000000 are read"):
        rows_of(ReferencePrices(), b" " * 5_000_001)


def test_a_wrong_row_is_a_problem_and_states_nothing() -> None:
    rows = rows_of(ReferencePrices(), BY_HOUR + b"2026-06-15,24,1\n")

    assert fields_with_problems(rows) == {4: ["delivery_hour"]}
    assert [row.prices for row in rows] == [()]
