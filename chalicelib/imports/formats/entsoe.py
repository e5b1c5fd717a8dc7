"""ENTSO-E's day-ahead prices: the publication document of type A44, of which the coupled auction (SDAC) counts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import BinaryIO, Final, NamedTuple

from chalicelib.common.csv_records import UnreadableFile
from chalicelib.common.delivery import HOUR, QUARTER, Period
from chalicelib.common.errors import InvalidRequest
from chalicelib.common.fields import InvalidValue, shown_value
from chalicelib.common.timestamps import format_utc
from chalicelib.imports.formats.bounded_xml import MAX_BYTES, Element, read_xml
from chalicelib.imports.formats.head import Head
from chalicelib.imports.formats.price_days import with_gaps, without_zeros
from chalicelib.imports.formats.reading import Kind, Row
from chalicelib.prices.period_price import MAX_PERIOD_PRICES, PeriodPrice, read_eur, read_start, read_zone
from chalicelib.prices.zones import DE_LU

_ROOT: Final = re.compile(r"\{urn:iec62325\.351:tc57wg16:451-3:publicationdocument:7:\d+\}Publication_MarketDocument")
_SEQUENCE: Final = "classificationSequence_AttributeInstanceComponent.position"
_SDAC: Final = "1"
_CONTRACT: Final = "contract_MarketAgreement.type"
_DAY_AHEAD: Final = "A01"
_PRICES: Final = "A44"
_DOMAINS: Final = ("in_Domain.mRID", "out_Domain.mRID")
_RESOLUTIONS: Final = {"PT15M": QUARTER, "PT60M": HOUR}
_EVERY_POINT, _CHANGES_ONLY = "A01", "A03"
_UNITS: Final = {"currency_Unit.name": "EUR", "price_Measure_Unit.name": "MWH"}
_POSITION: Final = re.compile(r"[1-9]\d{0,5}", re.ASCII)
_SET: Final = "da"


class SequenceMissing(InvalidRequest):
    """The file has prices of another auction alone."""

    code = "sequence_missing"


class Grid(NamedTuple):
    """The positions of a period: the `last` of them ends it, each is `minutes` long."""

    start: datetime
    minutes: int
    last: int
    curve: str

    def at(self, position: int) -> Period:
        return Period(self.start + timedelta(minutes=(position - 1) * self.minutes), self.minutes)


class EntsoePrices:
    name = "entsoe-a44"
    kind = Kind.PRICES
    mapping: str | None = None
    recognised_by = "the XML root Publication_MarketDocument of ENTSO-E's publication document 7"

    def recognises(self, head: Head) -> bool:
        return bool(_ROOT.fullmatch(head.root))

    def likeness(self, head: Head) -> int:
        return int("MarketDocument" in head.root)

    def read(self, content: BinaryIO, head: Head, file_day: date | None = None) -> Iterator[Row]:  # noqa: ARG002 - a Format
        document = read_xml(content.read(MAX_BYTES + 1))
        if not _ROOT.fullmatch(document.name):
            raise UnreadableFile(f"the root element is {shown_value(document.name)}, expected {self.recognised_by}")
        _expect(document, "type", _PRICES, "", _PRICES)
        series = _day_ahead(document)
        zone = _zone(series)
        rows: list[Row] = []
        covered = 0
        for one in series:
            for name, unit in _UNITS.items():
                _expect(one, name, unit, unit)
            curve = _expect(one, "curveType", f"{_EVERY_POINT} or {_CHANGES_ONLY}", "", _EVERY_POINT, _CHANGES_ONLY)
            for period in one.named("Period"):
                grid = _grid(period, curve)
                covered += grid.last
                if covered > MAX_PERIOD_PRICES:
                    raise UnreadableFile(f"the document has more than {MAX_PERIOD_PRICES} prices: ask for fewer days")
                rows += _rows(period, grid, zone, len(rows))
        if not rows:
            raise UnreadableFile(f"the series of sequence {_SDAC} has no prices")
        yield from with_gaps(rows)


def _day_ahead(document: Element) -> Sequence[Element]:
    series = [one for one in document.named("TimeSeries") if _text(one, _CONTRACT) in {"", _DAY_AHEAD}]
    chosen = [one for one in series if _text(one, _SEQUENCE) == _SDAC]
    if chosen:
        return chosen
    found = ", ".join(sorted({_text(one, _SEQUENCE)[:20] or "none" for one in series})) or "no series"
    raise SequenceMissing(
        f"the document has no day-ahead series of sequence {_SDAC} (SDAC), found {found}: "
        "no other auction is taken in its place; download it again later"
    )


def _zone(series: Sequence[Element]) -> str:
    areas = sorted({_text(one, name) for one in series for name in _DOMAINS} - {""})
    if not areas:
        return DE_LU
    if len(areas) > 1:
        shown = ", ".join(shown_value(area) for area in areas[:3])
        raise UnreadableFile(f"the document has prices of several zones, expected one, found {shown}")
    try:
        return read_zone(areas[0])
    except InvalidValue as error:
        raise UnreadableFile(f"{_DOMAINS[0]} {error}, got {shown_value(areas[0])}") from error


def _grid(period: Element, curve: str) -> Grid:
    [interval] = _only(period, "timeInterval")
    start, end = _instant(interval, "start"), _instant(interval, "end")
    minutes = _RESOLUTIONS[_expect(period, "resolution", " or ".join(_RESOLUTIONS), *_RESOLUTIONS)]
    count, rest = divmod(end - start, timedelta(minutes=minutes))
    if count < 1 or rest or start.minute % minutes:
        where = f"from {format_utc(start)} to {format_utc(end)}"
        raise UnreadableFile(f"a period {where} is not made of whole steps of {minutes} minutes")
    return Grid(start, minutes, count, curve)


def _rows(period: Element, grid: Grid, zone: str, before: int) -> list[Row]:
    """Return a row for each point, with its price for every position up to the next point."""
    points = [(_position(point, grid), _price(point)) for point in period.named("Point")]
    positions = [position for position, _ in points]
    where = f"the period from {format_utc(grid.start)}"
    if positions[:1] != [1]:
        raise UnreadableFile(f"{where} must begin with position 1, found {positions[0] if positions else 'no point'}")
    if any(later <= earlier for earlier, later in pairwise(positions)):
        raise UnreadableFile(f"{where} has positions that are not in ascending order")
    if grid.curve != _CHANGES_ONLY and len(points) != grid.last:
        raise UnreadableFile(
            f"{where} has {len(points)} of {grid.last} points, which only curve type {_CHANGES_ONLY} may leave out"
        )
    until = [*positions[1:], grid.last + 1]
    return [
        Row(before + number, prices=tuple(PeriodPrice(_SET, zone, grid.at(at), price) for at in range(position, end)))
        for number, ((position, price), end) in enumerate(zip(points, until, strict=True), start=1)
    ]


def _position(point: Element, grid: Grid) -> int:
    text = _text(point, "position")
    if not _POSITION.fullmatch(text) or int(text) > grid.last:
        raise UnreadableFile(f"position must be a whole number from 1 to {grid.last}, got {shown_value(text)}")
    return int(text)


def _price(point: Element) -> int:
    text = _text(point, "price.amount")
    try:
        return read_eur(without_zeros(text))
    except InvalidValue as error:
        at = shown_value(_text(point, "position"))
        raise UnreadableFile(f"price.amount of position {at} {error}, got {shown_value(text)}") from error


def _instant(interval: Element, name: str) -> datetime:
    text = _text(interval, name)
    try:
        return read_start(text)
    except InvalidValue as error:
        raise UnreadableFile(f"timeInterval.{name} {error}, got {shown_value(text)}") from error


def _expect(element: Element, name: str, expected: str, *allowed: str) -> str:
    text = _text(element, name)
    if text not in allowed:
        raise UnreadableFile(f"{name} must be {expected}, got {shown_value(text)}")
    return text


def _text(element: Element, name: str) -> str:
    found = [child.text for child in element.named(name)]
    if len(found) > 1:
        raise UnreadableFile(f"{name} stands {len(found)} times, expected once")
    return found[0] if found else ""


def _only(element: Element, name: str) -> Sequence[Element]:
    found = list(element.named(name))
    if len(found) != 1:
        raise UnreadableFile(f"{name} stands {len(found)} times, expected once")
    return found
