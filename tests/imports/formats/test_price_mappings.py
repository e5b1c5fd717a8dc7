"""The mappings of two downloads of day-ahead prices."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from chalicelib.imports.formats.mapping import format_of
from chalicelib.imports.formats.mapping_file import read_mapping
from chalicelib.imports.formats.reading import Format
from chalicelib.imports.formats.recognition import recognise
from tests.imports.formats.examples import fields_with_problems, reading_of, rows_of
from tests.imports.formats.price_examples import by_start
from tests.imports.formats.test_head import head_of

SAMPLES: Final = Path(__file__).parents[3] / "samples" / "mappings"
GUI = (SAMPLES / "GUI_ENERGY_PRICES_202611262300-202611272300.csv").read_bytes()
PORTAL = (SAMPLES / "Gro_handelspreise_202611270000_202611280000_Viertelstunde.csv").read_bytes()


def sample(name: str) -> Format:
    return format_of(read_mapping((SAMPLES / name).read_bytes(), name))


OF_GUI, OF_PORTAL = sample("day-ahead-download.toml"), sample("day-ahead-market-data.toml")


@pytest.mark.parametrize(("content", "form"), [(GUI, OF_GUI), (PORTAL, OF_PORTAL)], ids=("download", "portal"))
def test_a_download_is_recognised_and_read_whole(content: bytes, form: Format) -> None:
    reading = reading_of(form, content)
    prices = by_start(reading)

    assert recognise(head_of(content), [OF_GUI, OF_PORTAL]).name == form.name
    assert len(prices) == len(reading.prices) == 96
    assert {
        "2026-11-26T23:00Z": "60.00",
        "2026-11-26T23:15Z": "60.25",
        "2026-11-27T22:45Z": "83.75",
    }.items() <= prices.items()
    assert {(price.set, price.zone, price.period.minutes) for price in reading.prices} == {("da", "DE-LU", 15)}
    assert (reading.problems, reading.skipped) == ([], 0)


def test_both_downloads_state_the_same_prices() -> None:
    assert reading_of(OF_GUI, GUI).prices == reading_of(OF_PORTAL, PORTAL).prices


def test_another_auction_of_the_download_is_left_out() -> None:
    reading = reading_of(OF_GUI, GUI.replace(b"Sequence 1", b"Sequence 2"))

    assert (reading.prices, reading.problems, reading.skipped) == ([], [], 96)


DOWNLOADS = {"download": (OF_GUI, GUI), "portal": (OF_PORTAL, PORTAL)}
OTHER_ZONE = '"BZN|GB","Sequence 1","60.25"'
HOSTILE = {
    "decimal comma": ("download", '"60.25"', '"60,25"', ["price_eur_mwh"]),
    "thousands mark": ("download", '"60.25"', '"1,060.25"', ["price_eur_mwh"]),
    "NaN": ("download", '"60.25"', '"NaN"', ["price_eur_mwh"]),
    "mixed zones": ("download", '"BZN|DE-LU","Sequence 1","60.25"', OTHER_ZONE, ["zone"]),
    "no end": ("download", " - 27/11/2026 00:30:00", "", ["period"]),
    "decimal point": ("portal", ";60,25", ";60.25", ["price_eur_mwh"]),
    "no number": ("portal", ";60,25", ";NaN", ["price_eur_mwh"]),
    "three decimals": ("portal", ";60,25", ";60,251", ["price_eur_mwh"]),
}


@pytest.mark.parametrize(("name", "old", "new", "fields"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_row_is_quarantined(name: str, old: str, new: str, fields: list[str]) -> None:
    form, content = DOWNLOADS[name]
    changed = content.decode("utf-8").replace(old, new, 1).encode()

    rows = rows_of(form, changed)

    assert list(fields_with_problems(rows).values()) == [fields]
    assert len([price for row in rows for price in row.prices]) == 95


@pytest.mark.parametrize(("form", "content"), DOWNLOADS.values(), ids=DOWNLOADS)
def test_a_cut_file_has_a_problem_in_its_last_line(form: Format, content: bytes) -> None:
    rows = rows_of(form, content.rstrip(b"\r\n")[:-1])

    assert list(fields_with_problems(rows)) == [97]
