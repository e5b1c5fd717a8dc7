"""The log says what was found in a file of the inbox that no feed has."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from chalicelib.feeds.feed import BUILT_IN, Feed
from chalicelib.feeds.key_pattern import KeyPattern
from chalicelib.imports.daily_try import DailyFile
from chalicelib.imports.formats.mapping_folder import load_mappings
from chalicelib.imports.validation import Limits
from chalicelib.trades.model import FIELDS
from infra.local.unknown_files import unknown_of
from tests.imports.formats.examples import V2_HEADER, v2_line

SAMPLES = Path(__file__).parents[2] / "samples" / "mappings"
FEEDS = (*BUILT_IN, Feed("nordpool", KeyPattern("nordpool/OwnTrades_{YYYYMMDD}.csv")))
START = (
    "no feed has files of this name (epex_trades_{YYYYMMDD}.csv, reference_prices_{YYYYMMDD}.csv, "
    "nordpool/OwnTrades_{YYYYMMDD}.csv); "
)
OWN_TRADES = "mapping:own-trades-de, recognised by the columns Trade-ID, K/V, Lieferbeginn, Ausführungszeit"
BLOTTER = b"# export\nTrade-ID;Produkt;K/V\n1;2;3\n"
OWN = (SAMPLES / "OwnTrades_20260615.csv").read_bytes()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (
            BLOTTER,
            f"found semicolons, a comment line first, columns Trade-ID;Produkt;K/V; nearest format: {OWN_TRADES}",
        ),
        (b"PK\x03\x04\x14\0[Content_Types].xml", "found a workbook (xlsx); export it as CSV"),
        (b"", "found nothing: the file is empty; nearest format: a mapping, which voltbook mapping new proposes"),
        (gzip.compress(b"a")[:5], "found the gzip file is damaged or cut short: send it again"),
    ],
    ids=["blotter", "workbook", "empty", "cut"],
)
def test_what_was_found_and_the_nearest_format_are_named(tmp_path: Path, content: bytes, found: str) -> None:
    (tmp_path / "export.csv").write_bytes(content)

    assert unknown_of(FEEDS, lambda: load_mappings(SAMPLES))(tmp_path, "export.csv") == START + found


@pytest.mark.parametrize(
    ("content", "form"),
    [
        ((V2_HEADER + v2_line()).encode(), "voltbook-v2"),
        (OWN, "mapping:own-trades-de"),
        (",".join(FIELDS).encode() + b"\n", "voltbook-daily"),
    ],
    ids=["v2", "mapping", "daily"],
)
def test_a_file_of_a_known_format_is_named_with_it(tmp_path: Path, content: bytes, form: str) -> None:
    (tmp_path / "export.csv").write_bytes(content)

    reason = unknown_of(FEEDS, lambda: (*load_mappings(SAMPLES), DailyFile(Limits())))(tmp_path, "export.csv")
    assert reason is not None
    assert reason.endswith(f"; format: {form}")


@pytest.mark.parametrize(
    "name",
    [
        "epex_trades_20260615.csv",
        "reference_prices_20260615.csv",
        "nordpool/OwnTrades_20260615.csv",
        "EPEX trades 15.06.2026.csv",
        "OwnTrades 2026-06-15.csv",
    ],
)
def test_the_files_of_feeds_and_nearly_right_names_are_taken(tmp_path: Path, name: str) -> None:
    assert unknown_of(FEEDS, tuple)(tmp_path, name) is None


def test_the_first_fault_of_a_mapping_that_may_describe_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_bytes(OWN)
    mapping = (SAMPLES / "own-trades-de.toml").read_text("utf-8")
    faulty = mapping.replace('separator = ";"', 'separator = "~"').replace('decimal = ","', 'decimal = "~"')
    (tmp_path / "own-trades-de.toml").write_text(faulty, "utf-8")

    reason = unknown_of(FEEDS, lambda: load_mappings(tmp_path))(tmp_path, "export.csv")
    assert reason is not None
    assert "line 4" in reason
    assert "line 5" not in reason
