"""ENTSO-E's day-ahead prices."""

from __future__ import annotations

import io
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from chalicelib.common.csv_records import UnreadableFile
from chalicelib.imports.formats import bounded_xml, entsoe
from chalicelib.imports.formats.entsoe import EntsoePrices, SequenceMissing
from chalicelib.imports.formats.head import read_head
from chalicelib.imports.formats.recognition import recognise
from tests.fixtures.vectors2 import vector
from tests.imports.formats.examples import fields_with_problems, reading_of, rows_of
from tests.imports.formats.price_examples import by_start

FORMAT = EntsoePrices()
W50: dict[str, Any] = vector("W50")
XML: str = W50["input"]["xml"]
SECOND = XML.split("</TimeSeries>")[1] + "</TimeSeries>"
HEAD = XML[: XML.index("<TimeSeries>")]
DAY = HEAD + SECOND
END = "</Publication_MarketDocument>"
ALONE = DAY + END


def test_the_worked_example_is_read_and_recognised() -> None:
    reading = reading_of(FORMAT, XML.encode())
    prices = by_start(reading)

    assert recognise(read_head(io.BytesIO(XML.encode()))).name == FORMAT.name
    assert len(reading.prices) == W50["expected"]["prices"]
    assert {start: prices[start] for start in W50["expected"]["at"]} == W50["expected"]["at"]
    mean = sum(map(Decimal, prices.values()), Decimal()) / len(prices)
    assert str(mean.quantize(Decimal("0.01"), ROUND_HALF_UP)) == W50["expected"]["mean_eur_mwh"]
    assert {(price.set, price.zone, price.period.minutes) for price in reading.prices} == {("da", "DE-LU", 15)}
    assert reading.problems == []


def test_another_auction_is_never_taken_in_place_of_the_first() -> None:
    with pytest.raises(SequenceMissing, match=r"sequence 1 .* found 2") as raised:
        rows_of(FORMAT, W50["input"]["xml_without_sequence_1"].encode())

    assert raised.value.code == W50["expected"]["without_sequence_1"]["code"]


def test_the_long_day_has_every_slot() -> None:
    expected = dict(W50["expected"]["long_day"])
    reading = reading_of(FORMAT, W50["input"]["xml_long_day"].encode())

    assert len(reading.prices) == expected.pop("prices")
    assert expected.items() <= by_start(reading).items()


def test_several_days_are_read() -> None:
    assert len(reading_of(FORMAT, two_days("<curveType>", "<curveType>").encode()).prices) == 192


def test_hours_of_another_zone_are_read() -> None:
    domains = "<in_Domain.mRID>10YFR-RTE------C</in_Domain.mRID><out_Domain.mRID>10YFR-RTE------C</out_Domain.mRID>"
    text = ALONE.replace("PT15M", "PT60M").replace(">96<", ">24<").replace("<curveType>", domains + "<curveType>")

    reading = reading_of(FORMAT, text.encode())

    assert [price.period.minutes for price in reading.prices] == [60] * 24
    assert {price.zone for price in reading.prices} == {"FR"}


def two_days(first: str, second: str) -> str:
    """Two series of sequence 1 with something before their curve types."""
    next_day = SECOND.replace("06-15T22", "06-16T22").replace("06-14T22", "06-15T22")
    return DAY.replace("<curveType>", first) + next_day.replace("<curveType>", second) + END


def in_zone(code: str, out_of: str | None = None) -> str:
    return f"<in_Domain.mRID>{code}</in_Domain.mRID><out_Domain.mRID>{out_of or code}</out_Domain.mRID><curveType>"


HOSTILE = {
    "truncated": (ALONE[:-60], "not XML, or was cut short"),
    "cut in a price": (ALONE[: ALONE.index("184.40") + 3], "not XML, or was cut short"),
    "another unit": (ALONE.replace("MWH", "KWH"), "price_Measure_Unit.name must be MWH, got 'KWH'"),
    "another currency": (ALONE.replace("EUR", "GBP"), "currency_Unit.name must be EUR, got 'GBP'"),
    "no unit": (re.sub("<price_M.*?</price_Measure_Unit.name>", "", ALONE), "Unit.name must be MWH, got ''"),
    "mixed zones": (two_days(in_zone("10Y1001A1001A82H"), in_zone("10YFR-RTE------C")), "several zones"),
    "two zones of one series": (
        ALONE.replace("<curveType>", in_zone("10YFR-RTE------C", "10YBE----------2")),
        "several zones",
    ),
    "a wrong zone": (ALONE.replace("<curveType>", in_zone("10YFR-RTE------D")), "in_Domain.mRID must be"),
    "no sequence": (re.sub("<classif.*?position>1</.*?position>", "", ALONE), "found none"),
    "a long sequence": (
        ALONE.replace("position>1</cl", f"position>{'12345' * 5}</cl"),
        "found 12345123451234512345: no",
    ),
    "intraday": (
        ALONE.replace("<curveType>", "<contract_MarketAgreement.type>A07</contract_MarketAgreement.type><curveType>"),
        "found no series",
    ),
    "no series": (HEAD + END, "found no series"),
    "another document": (ALONE.replace("<TimeSeries>", "<type>A25</type><TimeSeries>", 1), "type must be A44"),
    "another root": (ALONE.replace("publicationdocument", "loaddocument"), "root element"),
    "decimal comma": (ALONE.replace("184.40", "184,40"), "price.amount of position '2'"),
    "thousands mark": (ALONE.replace("184.40", "1,184.40"), "price.amount of position '2'"),
    "NaN": (ALONE.replace("184.40", "NaN"), "price.amount of position '2'"),
    "exponent": (ALONE.replace("184.40", "1e3"), "price.amount of position '2'"),
    "three decimals": (ALONE.replace("184.40", "184.401"), "up to 2 decimals"),
    "no price": (ALONE.replace("<price.amount>184.40</price.amount>", ""), "price.amount of position '2'"),
    "two prices": (ALONE.replace("<price.amount>184", "<price.amount>1</price.amount><price.amount>184"), "2 times"),
    "wrong order": (ALONE.replace(">7<", ">3<"), "not in ascending order"),
    "a position twice": (ALONE.replace(">7<", ">4<"), "not in ascending order"),
    "missing first position": (
        ALONE.replace("<Point><position>1</position><price.amount>196.99</price.amount></Point>", ""),
        "must begin with position 1, found 2",
    ),
    "no point": (re.sub("<Point>.*</Point>", "", ALONE), "must begin with position 1, found no point"),
    "a position beyond the end": (ALONE.replace(">96<", ">97<"), "from 1 to 96, got '97'"),
    "position zero": (ALONE.replace("n>1</position><price", "n>0</position><price"), "from 1 to 96, got '0'"),
    "a gap that the curve forbids": (ALONE.replace("A03", "A01"), "6 of 96 points"),
    "another curve": (ALONE.replace("A03", "A05"), "curveType must be A01 or A03, got 'A05'"),
    "another resolution": (ALONE.replace("PT15M", "PT30M"), "resolution must be PT15M or PT60M"),
    "an empty interval": (ALONE.replace("06-15T22", "06-14T22"), "not made of whole steps"),
    "a backward interval": (ALONE.replace("06-15T22", "06-13T22"), "not made of whole steps"),
    "a crooked interval": (ALONE.replace("PT15M", "PT60M").replace(":00Z", ":15Z"), "not made of whole steps"),
    "a day without a clock": (ALONE.replace("2026-06-14T22:00Z", "2026-06-14"), "timeInterval.start must be"),
    "an endless interval": (ALONE.replace("2026-06-15T22", "2046-06-15T22"), "more than 40000 prices"),
    "a slot stated twice": (DAY + SECOND + END, "two prices for 2026-06-14T22:00:00Z"),
    "an entity": (
        ALONE.replace("<Publ", '<!DOCTYPE x [<!ENTITY a "1"><!ENTITY b "&a;&a;">]><Publ', 1).replace("184.40", "&b;"),
        "document type",
    ),
    "a foreign document type": (ALONE.replace("<Publ", '<!DOCTYPE x SYSTEM "file:///etc/passwd"><Publ', 1), "document"),
    "deep nesting": (ALONE.replace("<TimeSeries>", "<a>" * 40, 1), "levels"),
    "an unknown encoding": (ALONE.replace("UTF-8", "nonsense"), "not XML"),
    "too large": (" " * (16 * 1024 * 1024 + 1), "more than 16777216 bytes: split it"),
    "nothing": ("", "not XML"),
}


@pytest.mark.parametrize(("text", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_document_is_rejected_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises((UnreadableFile, SequenceMissing), match=re.escape(reason)):
        rows_of(FORMAT, text.encode())


def test_three_of_several_zones_are_named() -> None:
    text = two_days(in_zone("10YFR-RTE------C", "10YBE----------2"), in_zone("10YNL----------L", "10YAT-APG------L"))

    with pytest.raises(UnreadableFile, match=r"found '10YAT-APG------L', '10YBE----------2', '10YFR-RTE------C'$"):
        rows_of(FORMAT, text.encode())


def test_a_day_in_part_is_quarantined_beside_its_prices() -> None:
    text = ALONE.replace("2026-06-15T22", "2026-06-15T10").replace(">96<", ">48<")

    rows = rows_of(FORMAT, text.encode())

    assert fields_with_problems(rows) == {6: ["day"]}
    assert rows[-1].problems[0].message == (
        "2026-06-15 has no price for 48 of its 96 quarter-hours, the first 12:00 - 12:15"
    )


def test_a_period_of_one_quarter_hour_has_its_price() -> None:
    text = re.sub("<Point>.*</Point>", "<Point><position>1</position><price.amount>1.00</price.amount></Point>", ALONE)
    text = text.replace("06-14T22:00", "06-15T09:45").replace("06-15T22:00", "06-15T10:00")

    assert by_start(reading_of(FORMAT, text.encode())) == {"2026-06-15T09:45Z": "1.00"}


def test_the_prices_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    text = two_days("<curveType>", "<curveType>").encode()
    monkeypatch.setattr(entsoe, "MAX_PERIOD_PRICES", 192)
    assert len(reading_of(FORMAT, text).prices) == 192

    monkeypatch.setattr(entsoe, "MAX_PERIOD_PRICES", 191)
    with pytest.raises(UnreadableFile, match="more than 191 prices: ask for fewer days"):
        rows_of(FORMAT, text)


def test_zeros_at_the_end_of_a_price_do_not_matter() -> None:
    assert by_start(reading_of(FORMAT, ALONE.replace("184.40", "184.4000").encode()))["2026-06-14T22:15Z"] == "184.40"


@pytest.mark.parametrize(("limit", "value"), [("MAX_BYTES", 100), ("MAX_ELEMENTS", 20)])
def test_the_size_is_bounded(limit: str, value: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_xml, limit, value)

    with pytest.raises(UnreadableFile, match=f"more than {value}"):
        rows_of(FORMAT, ALONE.encode())
