"""Mapping files, whose faults are named with their lines."""

from __future__ import annotations

import pytest

from chalicelib.common.errors import Problem
from chalicelib.imports.formats.mapping import format_of
from chalicelib.imports.formats.mapping_file import (
    PRICE_FORMATS,
    InvalidMapping,
    PowerBotFile,
    PricesFile,
    read_mapping,
)

GOOD = """recognise = ["Nr"]
separator = ";"
decimal = ","
timezone = "Europe/Berlin"
venue = "epex"
[columns]
id = "Nr"
direction = "KV"
quantity_mw = "MW"
price_eur_mwh = "Preis"
trader_id = "Wer"
execution_time = "Wann"
delivery_start = "von"
delivery_end = ["Tag", "bis"]
[direction]
K = "buy"
"""


def problems_of(text: str | bytes) -> list[tuple[str, str]]:
    with pytest.raises(InvalidMapping) as raised:
        read_mapping(text.encode() if isinstance(text, str) else text, "mappings/my.toml")
    return [(problem.field, problem.message) for problem in raised.value.problems]


def test_a_mapping_is_named_after_its_file() -> None:
    declared = read_mapping(GOOD.encode(), "mappings/My Blotter.toml")

    assert declared.name == "my-blotter"
    assert format_of(declared).name == "mapping:my-blotter"


@pytest.mark.parametrize(
    ("before", "after", "line", "message"),
    [
        ('"Nr"]\n', '"Nr"]\ndivider = ";"\n', 2, "divider is unknown; expected: "),
        ('";"', '"::"', 2, "separator must be one of ';', ',', '\\t', '|', got '::'"),
        ('","', '";"', 3, "decimal must be one of '.', ',', got ';'"),
        ('";"', '","', 3, "decimal must not be the mark of thousands or the separator of the file"),
        ("Europe/Berlin", "Europe/Atlantis", 4, "timezone must be a time zone such as Europe/Berlin or +01:00"),
        ("Europe/Berlin", "../../etc/passwd", 4, "timezone must be a time zone"),
        ('"epex"', '"eex"', 5, "venue must be one of epex"),
        ('"epex"', "3", 5, "venue must be text, got 3"),
        ('id = "Nr"\n', "", 6, "columns id is missing: name its column, or give it under constants"),
        ('delivery_start = "von"\n', "", 6, "columns the delivery period (delivery_start and delivery_end"),
        ('id = "Nr"', "id = []", 7, "columns.id must be text or a list of texts, got a list"),
        ('"MW"', '"MW"\nmwh = "x"', 10, "columns.mwh is unknown; expected: venue, id, "),
        ('K = "buy"', 'K = "kaufen"', 16, "direction.K must be one of 'buy', 'sell', got 'kaufen'"),
        ("[direction]", "[formats]\nexecution_time = '%d.%m.%Y %Q'\n[direction]", 16, "formats.execution_time has %Q"),
        ("[direction]", "[formats]\nday = '%H:%M'\n[direction]", 16, "formats.day must have a day"),
        ("[direction]", "[areas]\nTTG = '10Y'\n[direction]", 16, "areas.TTG must be an EIC code"),
        ("[direction]", "[constants]\nid = 'x'\n[direction]", 16, "constants.id is read from a column already"),
        ("[columns]", "id_template = '{file_day}'\n[columns]", 6, "id_template must contain {id}"),
        ("[columns]", "id_template = '{id}{id.__class__}'\n[columns]", 6, "id_template must contain {id}"),
        ("[columns]", "header_line = 0\n[columns]", 6, "header_line must be the number of a line"),
        ("[columns]", "kind = 'gas'\n[columns]", 6, "kind must be one of 'trades', 'prices', 'other_side', got 'gas'"),
        ("[columns]", "encoding = 'rot13'\n[columns]", 6, "encoding must be one of 'utf-8'"),
        ('recognise = ["Nr"]\n', "", 1, "recognise is missing: name columns that only this file has"),
        ('venue = "epex"', "venue = ", 5, "is not TOML: Invalid value"),
        ('venue = "epex"', 'separator = ";"', 5, "is not TOML: Cannot overwrite a value"),
        ('venue = "epex"', 'venue = "epex"\ndirection = 3', 6, "direction must be a table: [direction]"),
    ],
)
def test_a_fault_is_named_with_its_line(before: str, after: str, line: int, message: str) -> None:
    text = GOOD.replace(before, after, 1)
    place, found = problems_of(text.partition("[direction]")[0] if "direction = 3" in text else text)[0]

    assert (place, found[: len(message)]) == (f"line {line}", message)


def test_all_faults_are_named_at_once() -> None:
    text = GOOD.replace('";"', '"x"').replace('"buy"', '"x"')
    assert [place for place, _ in problems_of(text)] == ["line 2", "line 16"]


@pytest.mark.parametrize("text", [b"\xff", b"a = " + b"[" * 100_000, b"x" * 300_000])
def test_what_is_no_mapping_at_all_is_refused(text: bytes) -> None:
    assert problems_of(text)[0][0] == "line 1"


def test_settings_of_powerbot_are_a_mapping_too() -> None:
    text = b'format = "powerbot"\nstrategy_from = "txt"\n[traders]\nP1 = "bot_7"\n'
    declared = read_mapping(text, "bot.toml")

    assert declared == PowerBotFile("bot", {"P1": "bot_7"}, "txt")
    assert (format_of(declared).name, format_of(declared).mapping) == ("powerbot", "bot")
    assert problems_of(text.replace(b"txt", b"text"))[0] == ("line 2", "strategy_from must be one of 'txt', got 'text'")


@pytest.mark.parametrize("name", PRICE_FORMATS)
def test_the_zone_of_prices_is_a_mapping_too(name: str) -> None:
    declared = read_mapping(f'format = "{name}"\nzone = "10YFR-RTE------C"\n'.encode(), "french.toml")
    form = format_of(declared)

    assert declared == PricesFile("french", name, "FR")
    assert (form.name, form.mapping) == ("mapping:french", "french")
    assert problems_of(f'format = "{name}"\nzone = "XX"\nset = "da"\n'.encode())[0][0] == "line 3"


def test_the_error_names_the_file() -> None:
    with pytest.raises(InvalidMapping, match=r"the mapping my.toml has 1 problem") as raised:
        read_mapping(b"\xff", "my.toml")
    assert raised.value.problems == (Problem("line 1", "must be UTF-8"),)
