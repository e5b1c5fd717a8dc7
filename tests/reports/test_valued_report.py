"""The report of `/v2`: the worked examples, and any positions against a brute-force sum of fractions by slot."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.common.delivery import Period, day_start, slot_rows
from chalicelib.common.units import UNITS
from chalicelib.fees.model import FeeRate, FeeTable, Kind
from chalicelib.positions.model import NO_CHANGE, Direction, Position, PositionKey, change_of
from chalicelib.prices.slots import SlotPrice
from chalicelib.prices.zones import DE_LU, zone_of
from chalicelib.reports.completeness import Completeness, State
from chalicelib.reports.pnl import AnyReport
from chalicelib.reports.valuation import ValuedLine
from chalicelib.reports.valued_columns import VALUED_LINES
from chalicelib.reports.valued_report import Grain, Shape, build_valued_report, zones_of
from tests.fixtures.extended_positions import positions_of
from tests.fixtures.vectors2 import vector

NOW = datetime(2026, 11, 1, tzinfo=UTC)
JUNE = date(2026, 6, 15)
DAYS = {date(2026, 3, 29): 92, JUNE: 96, date(2026, 10, 25): 100}
AUSTRIA = "10YAT-APG------L"
Json = dict[str, Any]
Book = Mapping[date, Sequence[Position]]
Known = Mapping[str, Mapping[datetime, SlotPrice]]
"""Prices by zone and the start of a slot."""


def reported(
    positions: Book,
    prices: Known | None = None,
    fees: FeeTable | None = None,
    shape: Shape | None = None,
    trader_id: str | None = None,
) -> AnyReport[ValuedLine]:
    known = dict.fromkeys(positions, Completeness(State.COMPLETE))
    by_slot = {
        zone: {day: [(prices or {}).get(zone, {}).get(row.start) for row in slot_rows(day, 15)] for day in positions}
        for zone in zones_of(positions)
    }
    rate = (fees or FeeTable()).rate
    return build_valued_report(trader_id, positions, known, by_slot, rate, shape or Shape(), NOW)


def priced(prices: Mapping[str, str], zone: str = DE_LU) -> Known:
    """Prices as the worked examples state them."""
    return {zone: {datetime.fromisoformat(at): SlotPrice("id3", int(Decimal(p) * 100)) for at, p in prices.items()}}


def shown(line: ValuedLine) -> Json:
    return VALUED_LINES.objects([line])[0]


def assert_shows(line: Json, expected: Mapping[str, Any]) -> None:
    wanted = {name: value for name, value in expected.items() if name != "pnl_cents_exact"}
    if "start" in wanted:
        wanted["start"] = wanted["start"].replace("Z", ":00Z")
    assert {name: line[name] for name in wanted} == wanted


def assert_exact(line: ValuedLine, expected: Mapping[str, Any]) -> None:
    assert_shows(shown(line), expected)
    assert Fraction(line.totals.pnl, UNITS) == Fraction(expected["pnl_cents_exact"])


def assert_reports(report: AnyReport[ValuedLine], expected: Mapping[str, Any]) -> None:
    [day] = report.days
    lines = {line.period: line for line in day.periods}
    assert len(lines) == expected["row_count"]
    for row in expected["nonzero_rows"]:
        assert_exact(lines.pop(row["period"]), row)
    assert all(shown(line)["trades"] == 0 and shown(line)["pnl_eur"] == "0.00" for line in lines.values())
    assert_exact(report.total, expected["total"])
    assert_exact(day.total, expected["total"])


@pytest.mark.parametrize("name", ["W01", "W04", "W06"])
def test_a_day_is_reported_as_in_the_worked_example(name: str) -> None:
    example = vector(name)
    expected = example["expected"].get("report", example["expected"])
    assert_reports(reported(positions_of(example["input"]["trades"])), expected)


@pytest.mark.parametrize("name", ["W04", "W06"])
def test_quarter_hours_have_the_net_power_of_the_example(name: str) -> None:
    example = vector(name)
    report = reported(positions_of(example["input"]["trades"]), shape=Shape(Grain.QUARTER))
    runs: list[list[str]] = []
    for line in report.days[0].periods:
        assert line.start is not None
        row = shown(line)
        assert row["net_mw_min"] == row["net_mw_max"]
        start, end = (f"{at:%Y-%m-%dT%H:%MZ}" for at in (line.start, line.start + timedelta(minutes=15)))
        if runs and runs[-1][1:] == [start, row["net_mw_min"]]:
            runs[-1][1] = end
        elif row["net_mw_min"] != "0":
            runs.append([start, end, row["net_mw_min"]])
    assert runs == example["expected"]["net_mw_runs"]


@pytest.mark.parametrize("name", ["normal", "short_day", "long_day"])
@pytest.mark.parametrize("grain", Grain)
def test_a_base_block_is_one_trade_in_each_row_and_in_the_total(name: str, grain: Grain) -> None:
    example = vector("W02")
    [case] = [case for case in example["input"]["cases"] if case["name"] == name]
    expected = example["expected"][name]
    report = reported(positions_of([case["trade"]]), shape=Shape(grain))
    rows = [shown(line) for line in report.days[0].periods]
    assert len(rows) == expected["rows" if grain is Grain.HOUR else "slots"]
    assert {(row["trades"], row["buy_mw"]) for row in rows} == {(1, "5.3")}
    if grain is Grain.HOUR:
        assert rows[0]["pnl_eur"] == expected["first_row_pnl_eur"]
    assert_shows(
        shown(report.total), {"trades": 1, "buy_mw": "5.3", **{k: expected[k] for k in ("buy_mwh", "pnl_eur")}}
    )
    assert Fraction(report.total.totals.pnl, UNITS) == Fraction(expected["pnl_cents_exact"])


def test_fees_are_those_of_the_worked_example() -> None:
    example, expected = vector("W20")["input"], vector("W20")["expected"]
    report = reported(positions_of(example["trades"]), fees=table(example["fees"]), shape=Shape(by=("venue",)))
    total = shown(report.total)
    assert (total["pnl_eur"], total["fees_eur"], total["net_pnl_eur"]) == ("-953.00", "1.70", "-954.70")
    assert Fraction(report.total.value.fees, UNITS * 10_000) == Fraction(expected["fees_eur_exact"])
    assert total["venues_without_rate"] == expected["venues_without_rate"]
    assert [(g.by["venue"], shown(g.total)["fees_eur"]) for g in report.groups or ()] == [
        ("epex", "1.52"),
        ("nordpool", "0.18"),
        ("otc", "0.00"),
    ]
    assert [shown(day.total)["venues_without_rate"] for day in report.days] == [["otc"], []]
    assert [line.period for line in report.days[0].periods if line.value.unrated] == ["12"]


def table(fees: Sequence[Mapping[str, str]]) -> FeeTable:
    rates = [
        FeeRate(
            f["venue"], Kind(f["kind"]), date.fromisoformat(f["valid_from"]), int(Decimal(f["rate_eur_mwh"]) * 10_000)
        )
        for f in fees
    ]
    return FeeTable(tuple(sorted(rates)))


def test_each_slot_is_valued_for_itself() -> None:
    example, expected = vector("W22")["input"], vector("W22")["expected"]
    book, prices = positions_of(example["trades"]), priced(example["reference"])
    rows = {line.start: shown(line) for line in reported(book, prices, shape=Shape(Grain.QUARTER)).days[0].periods}
    for slot in expected["slots"]:
        row = rows[datetime.fromisoformat(slot["start"])]
        assert_shows(row, {name: slot[name] for name in ("realised_eur", "unrealised_eur")})
        assert row["net_mwh"] == slot["open_mwh"]
    report = reported(book, prices)
    names = ("realised_eur", "unrealised_eur", "unrealised_known_eur", "slots_without_reference", "total_eur")
    for line in (report.total, report.days[0].periods[12]):
        assert_shows(shown(line), {name: expected[name] for name in names})
        assert_shows(shown(line), {"pnl_eur": expected["cash_eur"], "net_mwh": expected["open_mwh"]})
    noon = shown(report.days[0].periods[12])
    assert noon["reference"] == {"set": "id3", "price_eur_mwh": "37.33"}
    assert noon["reference_price"] == "37.33"
    assert shown(report.total)["reference"] is None


def test_what_is_realised_belongs_to_its_scope_and_totals_add_up() -> None:
    example, expected = vector("W24")["input"], vector("W24")["expected"]
    report = reported(positions_of(example["trades"]), priced(example["reference"]))
    lines = {line.label: shown(line) for line in report.traders or ()} | {"desk": shown(report.total)}
    for name, figures in expected.items():
        assert_shows(lines[name], {"net_mwh": figures.pop("open_mwh"), **figures})


def test_groups_add_up_exactly_and_those_that_state_none_are_last() -> None:
    example, expected = vector("W29")["input"], vector("W29")["expected"]
    report = reported(positions_of(example["trades"]), shape=Shape(by=("strategy",)))
    groups = {group.by["strategy"]: group.total for group in report.groups or ()}
    assert list(groups) == ["mm", "solar", None]
    for name, line in groups.items():
        assert_exact(line, expected["strategies"][name or "(none)"])
    assert_exact(report.total, expected["total"])


def test_areas_of_two_zones_are_valued_each_at_its_own_price() -> None:
    trades = [
        {**vector("W22")["input"]["trades"][0], "area": area, "direction": side, "price_eur_mwh": price}
        for area, side, price in ((None, "buy", "50.00"), (AUSTRIA, "sell", "60.00"))
    ]
    start = datetime(2026, 6, 15, 10, tzinfo=UTC)
    slots = [start + timedelta(minutes=15 * n) for n in range(4)]
    prices = {zone: {slot: SlotPrice("da", price) for slot in slots} for zone, price in ((DE_LU, 5_500), ("AT", 5_800))}
    report = reported(positions_of(trades), prices, shape=Shape(by=("area",)))
    total = shown(report.total)
    assert (total["realised_eur"], total["unrealised_eur"], total["pnl_eur"]) == ("0.00", "70.00", "100.00")
    assert (total["reference"], total["net_mw_min"], total["net_mw_max"]) == (None, "0", "0")
    assert [shown(group.total)["total_eur"] for group in report.groups or ()] == ["20.00", "50.00"]
    assert [group.by["area"] for group in report.groups or ()] == [AUSTRIA, None]


@pytest.mark.parametrize("grain", Grain)
def test_a_row_has_the_price_of_its_zone_beside_rows_of_another(grain: Grain) -> None:
    noon = {**vector("W22")["input"]["trades"][0], "area": None}
    later = {"delivery_start": "2026-06-15T11:00:00Z", "delivery_end": "2026-06-15T12:00:00Z", "area": AUSTRIA}
    start = datetime(2026, 6, 15, 10, tzinfo=UTC)
    slots = [start + timedelta(minutes=15 * n) for n in range(8)]
    prices = {zone: {slot: SlotPrice("da", price) for slot in slots} for zone, price in ((DE_LU, 5_500), ("AT", 5_800))}
    report = reported(positions_of([noon, {**noon, **later}]), prices, shape=Shape(grain))
    rows = [shown(line) for line in report.days[0].periods]
    found = [row["reference"] and row["reference"]["price_eur_mwh"] for row in rows if row["trades"]]
    each = 60 // grain.minutes
    assert found == ["55.00"] * each + ["58.00"] * each


@pytest.mark.parametrize("grain", Grain)
def test_a_row_over_several_days_has_the_price_of_its_own_zone(grain: Grain) -> None:
    noon = {**vector("W22")["input"]["trades"][0], "area": None}
    later = {"delivery_start": "2026-06-15T11:00:00Z", "delivery_end": "2026-06-15T12:00:00Z", "area": AUSTRIA}
    both = {"delivery_start": "2026-06-15T12:00:00Z", "delivery_end": "2026-06-15T13:00:00Z"}
    trades = [noon, {**noon, **later}, {**noon, **both}, {**noon, **both, "area": AUSTRIA}]
    days = positions_of(trades) | {date(2026, 6, 16): []}
    prices = {
        zone: {
            row.start: SlotPrice("da", price + day.day + 100 * int(row.period[:2]))
            for day in days
            for row in slot_rows(day, 15)
        }
        for zone, price in ((DE_LU, 5_500), ("AT", 5_800))
    }
    rows = [shown(line) for line in reported(days, prices, shape=Shape(grain)).hours]
    found = {row["label"][:2]: row["reference"] and row["reference"]["price_eur_mwh"] for row in rows}
    assert [found[hour] for hour in ("11", "12", "13", "14")] == [None, "67.16", "71.16", None]


@pytest.mark.parametrize("grain", Grain)
def test_a_row_over_several_days_has_the_mean_of_its_own_slots(grain: Grain) -> None:
    days, length = [JUNE, JUNE + timedelta(days=1)], grain.minutes // 15
    slots = {row.start: SlotPrice("da", 100 * number) for day in days for number, row in enumerate(slot_rows(day, 15))}
    rows = reported({day: [] for day in days}, {DE_LU: slots}, shape=Shape(grain)).hours
    means = [f"{first + (length - 1) / 2:.2f}" for first in range(0, 96, length)]
    assert [shown(row)["reference"]["price_eur_mwh"] for row in rows] == means


def test_emptied_positions_name_no_venue_and_no_zone() -> None:
    example = vector("W22")["input"]["trades"][0]
    traded = positions_of([{**example, "area": None}])
    [key] = [position.key for position in traded[JUNE]]
    emptied = Position(key._replace(venue="nordpool", area=AUSTRIA), NO_CHANGE)
    prices = {zone: {row.start: SlotPrice("da", 5_500) for row in slot_rows(JUNE, 15)} for zone in (DE_LU, "AT")}
    total = shown(reported({JUNE: [*traded[JUNE], emptied]}, prices).total)
    assert (total["venues_without_rate"], total["reference"]) == (["epex"], {"set": "da", "price_eur_mwh": "55.00"})


def test_traders_are_in_order_and_the_hours_of_one_day_are_its_rows() -> None:
    noon = vector("W22")["input"]["trades"][0]
    later = {"delivery_start": "2026-06-15T11:00:00Z", "delivery_end": "2026-06-15T12:00:00Z"}
    report = reported(positions_of([{**noon, "trader_id": "zoe"}, {**noon, **later, "trader_id": "adam"}]))
    assert [line.label for line in report.traders or ()] == ["adam", "zoe"]
    assert report.hours == report.days[0].periods


def test_a_venue_without_a_rate_is_named_in_the_rows_it_delivers_in() -> None:
    noon = {**vector("W22")["input"]["trades"][0], "venue": "epex"}
    all_day = {"delivery_start": "2026-06-14T22:00:00Z", "delivery_end": "2026-06-15T22:00:00Z", "venue": "nordpool"}
    fees = FeeTable((FeeRate("nordpool", Kind.TRADING, date(2026, 1, 1), 100),))
    lines = reported(positions_of([noon, {**noon, **all_day}]), fees=fees).days[0].periods
    assert {line.period: line.value.unrated for line in lines if line.value.unrated} == {"12": ("epex",)}


def test_an_open_slot_without_a_price_is_named_and_never_zero() -> None:
    start = datetime(2026, 6, 15, 10, tzinfo=UTC)
    trade = vector("W22")["input"]["trades"][0]
    report = reported(positions_of([trade]), {DE_LU: {start: SlotPrice("id3", 5_320)}})
    noon = shown(report.days[0].periods[12])
    assert (noon["unrealised_eur"], noon["total_eur"], noon["unrealised_known_eur"]) == (None, None, "8.00")
    assert noon["slots_without_reference"] == [f"2026-06-15T10:{minute}:00Z" for minute in (15, 30, 45)]
    assert (noon["hours_without_reference"], noon["edge_buy"], noon["reference"]) == (1, None, None)


def test_prices_of_several_sets_are_all_named() -> None:
    start = datetime(2026, 6, 15, 10, tzinfo=UTC)
    sets = ["id3", "da", "id3", "desk"]
    prices = {DE_LU: {start + timedelta(minutes=15 * n): SlotPrice(name, 100 * n) for n, name in enumerate(sets)}}
    report = reported({JUNE: []}, prices)
    assert shown(report.days[0].periods[12])["reference"] == {"set": "id3,da,desk", "price_eur_mwh": "1.50"}


def test_several_days_are_summed_by_row_and_the_doubled_hour_is_two() -> None:
    days = [date(2026, 10, 24), date(2026, 10, 25)]
    report = reported({day: [] for day in days})
    assert [line.label for line in report.hours[2:5]] == ["02 - 03", "02 - 03 A", "02 - 03 B"]
    assert [line.minutes for line in report.hours[1:6]] == [120, 60, 60, 60, 120]
    assert report.total.minutes == 49 * 60
    quarters = reported({days[1]: [], days[0]: []}, shape=Shape(Grain.QUARTER)).hours
    assert [line.label for line in quarters[8:20]] == [
        f"02:{at:02d} - {2 + (at + 15) // 60:02d}:{(at + 15) % 60:02d}{letter}"
        for letter in ("", " A", " B")
        for at in range(0, 60, 15)
    ]


Row = tuple[str, str | None, str | None, Direction, int, int, int, int]
"""A trader, a strategy, an area and a side, and the first slot, the number of slots, kW and the price."""


def rows(count: int) -> st.SearchStrategy[list[Row]]:
    run = st.tuples(st.integers(0, count - 1), st.integers(1, count)).map(lambda p: (p[0], min(p[1], count - p[0])))
    amounts = st.tuples(st.integers(1, 30), st.integers(-5_000, 9_000))
    tags = st.tuples(
        st.sampled_from("xy"),
        st.sampled_from(["mm", None]),
        st.sampled_from([AUSTRIA, None]),
        st.sampled_from(Direction),
    )
    return st.lists(st.tuples(tags, run, amounts).map(lambda r: (*r[0], *r[1], *r[2])), max_size=8)


def position(day: date, row: Row) -> Position:
    trader, strategy, area, side, first, slots, kilowatts, price = row
    period = Period(day_start(day) + first * timedelta(minutes=15), slots * 15)
    key = PositionKey(trader, day, period, "epex", area, strategy)
    return Position(key, change_of(price, kilowatts, side, slots * 15))


@settings(max_examples=60, deadline=None)
@given(data=st.data(), day=st.sampled_from(sorted(DAYS)), grain=st.sampled_from(Grain))
def test_every_line_is_the_sum_of_fractions_by_slot(data: st.DataObject, day: date, grain: Grain) -> None:
    drawn = data.draw(rows(DAYS[day]))
    starts = [row.start for row in slot_rows(day, 15)]
    amounts = st.one_of(st.none(), st.integers(-5_000, 5_000))
    drawn_prices = {
        zone: data.draw(st.lists(amounts, min_size=len(starts), max_size=len(starts))) for zone in (DE_LU, "AT")
    }
    known = {
        zone: {at: SlotPrice("da", price) for at, price in zip(starts, prices, strict=True) if price is not None}
        for zone, prices in drawn_prices.items()
    }
    rate = data.draw(st.integers(0, 10**6))
    fees = FeeTable((FeeRate("epex", Kind.TRADING, date(2026, 1, 1), rate),))
    report = reported({day: [position(day, row) for row in drawn]}, known, fees, Shape(grain, ("strategy",)))
    length = grain.minutes // 15
    for place, line in enumerate(report.days[0].periods):
        assert_value(line, drawn, range(place * length, (place + 1) * length), drawn_prices, rate)
    every = range(len(starts))
    for line in (report.total, report.days[0].total):
        assert_value(line, drawn, every, drawn_prices, rate)
    for line in report.traders or ():
        assert_value(line, [row for row in drawn if row[0] == line.label], every, drawn_prices, rate)
    for group in report.groups or ():
        own = [row for row in drawn if row[1] == group.by["strategy"]]
        assert_value(group.total, own, every, drawn_prices, rate)


Figures = tuple[Fraction, Fraction, Fraction]
"""Cash, realised, and the gain of the open energy."""


def assert_value(
    line: ValuedLine, drawn: list[Row], slots: range, prices: Mapping[str, list[int | None]], rate: int
) -> None:
    inside = [row for row in drawn if row[4] < slots.stop and row[4] + row[5] > slots.start]
    assert line.totals.trades == len(inside)
    assert (line.totals.buy_kw, line.totals.sell_kw) == tuple(sum(r[6] for r in inside if r[3] is s) for s in Direction)
    assert (line.totals.buy_edge, line.totals.sell_edge) == tuple(edge(inside, s, slots, prices) for s in Direction)
    figures: list[Figures] = []
    open_value, energy, net, missing, unpriced = Fraction(), 0, dict.fromkeys(slots, 0), set(), set()
    for slot, zone in product(slots, (DE_LU, "AT")):
        own = [r for r in inside if zone_of(r[2]) == zone and r[4] <= slot < r[4] + r[5]]
        bought, sold = (sum(r[6] for r in own if r[3] is side) for side in Direction)
        energy += (bought + sold) * 15
        net[slot] += bought - sold
        price = prices[zone][slot]
        figures.append(value_of_slot(own, price))
        open_value += (price or 0) * (bought - sold) * 15
        if bought != sold and price is None:
            missing.add(slot)
        if own and price is None:
            unpriced.add(slot // 4)
    cash, realised, unrealised = map(sum, zip(*figures, strict=True))
    assert line.totals.pnl == cash
    assert line.totals.traded_energy == energy
    assert line.value.fees == energy * rate
    assert (line.value.net_min, line.value.net_max) == (min(net.values()), max(net.values()))
    assert Fraction(*line.value.realised) == realised
    assert Fraction(*line.value.known) == unrealised
    assert len(line.value.missing) == len(missing)
    assert line.totals.hours_without_reference == len(unpriced)
    total = line.value.total
    if missing:
        assert (line.value.unrealised, total) == ((None, 1), (None, 1))
    else:
        assert Fraction(total[0] or 0, total[1]) == cash + open_value == realised + unrealised


def edge(inside: list[Row], side: Direction, slots: range, prices: Mapping[str, list[int | None]]) -> int | None:
    gains: list[int] = []
    for row in [row for row in inside if row[3] is side]:
        for slot in range(max(row[4], slots.start), min(row[4] + row[5], slots.stop)):
            price = prices[zone_of(row[2])][slot]
            if price is None:
                return None
            gains.append((price - row[7]) * row[6] * 15 * (1 if side is Direction.BUY else -1))
    return sum(gains) if gains else None


def value_of_slot(own: list[Row], price: int | None) -> Figures:
    bought, sold = (sum(row[6] for row in own if row[3] is side) for side in Direction)
    spent, earned = (Fraction(sum(row[6] * row[7] * 15 for row in own if row[3] is side)) for side in Direction)
    both = min(bought, sold)
    realised = both * (earned / sold - spent / bought) if both else Fraction()
    if price is None or bought == sold:
        return earned - spent, realised, Fraction()
    if bought > sold:
        return earned - spent, realised, (bought - sold) * (price * 15 - spent / bought)
    return earned - spent, realised, (sold - bought) * (earned / sold - price * 15)


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_the_text_of_a_report_is_that_of_its_objects(data: st.DataObject) -> None:
    report = reported(
        {JUNE: [position(JUNE, row) for row in data.draw(rows(96))]}, shape=Shape(by=("area", "strategy"))
    )
    assert json.loads(report.as_text()) == report.as_json()
