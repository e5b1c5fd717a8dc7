"""The readers, each as a function of bytes that returns for whatever is refused and raises only for a defect."""

from __future__ import annotations

import base64
import gzip
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from chalicelib.access.identity import Identity, Role
from chalicelib.access.model import User
from chalicelib.access.service import authenticate
from chalicelib.common.csv_records import UnreadableFile
from chalicelib.common.errors import InvalidRequest, Problem, Unauthenticated
from chalicelib.common.fields import MAX_DIGITS
from chalicelib.feeds.receipt import FileState
from chalicelib.imports.formats.energy_charts import EnergyCharts
from chalicelib.imports.formats.entsoe import EntsoePrices, SequenceMissing
from chalicelib.imports.formats.epex_auction import EpexAuction
from chalicelib.imports.formats.head import read_head
from chalicelib.imports.formats.mapping import format_of
from chalicelib.imports.formats.mapping_file import InvalidMapping, read_mapping
from chalicelib.imports.formats.powerbot import PowerBot
from chalicelib.imports.formats.reading import Format, as_fields
from chalicelib.imports.formats.unpacked import unpacked
from chalicelib.imports.formats.voltbook_v2 import VoltbookV2
from chalicelib.imports.validation import CLOCKS_DIFFER, Limits, good_rows, validate_file
from chalicelib.prices.period_price import MAX_PERIOD_PRICES
from chalicelib.trades.cursor import cursor_of, mark_of
from chalicelib.trades.reading import Filter
from chalicelib.trades.statement import parse_statement
from tests.fakes.access import FakeDirectory, FakePasswords
from tests.fixtures.hostile_files import HOSTILE_FILES, lines, row
from tests.fixtures.vectors2 import vector
from tests.imports.formats.examples import V2_HEADER, v2_line
from tests.imports.formats.price_examples import energy_charts, epex_file, epex_line

LONGEST: Final = 20_000
"""Bytes of a seed; what is longer only makes the search slow."""
FILTERS: Final = (
    Filter(None, None),
    Filter("trader_1", None),
    Filter(None, date(2023, 2, 28)),
    Filter("trader_1", date(2023, 2, 28)),
)
ANNA: Final = Identity("anna", Role.TRADER, "trader_1", "a seal")
LIMITS: Final = Limits(bad_rows=3, rows=200, size=1_000_000, footers=frozenset({"EOF"}))
BLOTTER: Final = vector("W47")["input"]["csv"].encode()
MAPPINGS: Final = tuple(
    path.read_bytes() for path in sorted((Path(__file__).parents[2] / "samples" / "mappings").glob("*.toml"))
)
STORED_AT: Final = datetime(2023, 2, 20, 10, tzinfo=UTC)


def read_file(data: bytes) -> None:
    """A file is judged, every row of one that may be booked is accounted for, and none comes from the future."""
    content = io.BytesIO(data)
    verdict = validate_file(content, LIMITS, file_day=STORED_AT.date(), stored_at=STORED_AT)
    if verdict.state is FileState.IMPORTING:
        good = list(good_rows(content, verdict))
        assert verdict.rows == len(good) + len(verdict.quarantine) + len(verdict.repeated)
        assert verdict.own_rows + sum(count for _, count in verdict.other_days) == len(good) + len(verdict.repeated)
        assert all(trade.executed_at <= STORED_AT + CLOCKS_DIFFER for _, trade in good)
        assert len({trade.id for _, trade in good}) == len(good)
    else:
        assert verdict.reason


def read_entsoe(data: bytes) -> None:
    _read_prices(EntsoePrices(), data)


def read_epex(data: bytes) -> None:
    _read_prices(EpexAuction(), data)


def read_energy_charts(data: bytes) -> None:
    _read_prices(EnergyCharts(), data)


def _read_prices(form: Format, data: bytes) -> None:
    """A file of prices is refused, or states each quarter-hour once, within the bounds, or says what is wrong."""
    content = io.BytesIO(data)
    try:
        rows = list(form.read(content, read_head(content)))
    except (UnreadableFile, SequenceMissing):
        return
    prices = [price for row in rows for price in row.prices]
    assert len(prices) <= MAX_PERIOD_PRICES
    assert len({price.period.start for price in prices}) == len(prices)
    assert all(price.period.minutes in {15, 60} and abs(price.price) < 10**MAX_DIGITS for price in prices)
    assert all(not row.prices or not row.problems for row in rows)


def read_header(data: bytes) -> None:
    """A header lets in whom it proves, written in the one way there is, and nobody else."""
    directory, passwords = FakeDirectory(), FakePasswords()
    caller = Identity("anna", Role.TRADER, "trader_1")
    directory.add(User(caller, passwords.hash("a long password")))
    header = data.decode("latin-1")
    try:
        known = authenticate(header, directory, passwords)
    except Unauthenticated:
        return
    assert known == caller
    name, _, password = base64.b64decode(header.split(" ", 1)[1].strip(" ")).decode().partition(":")
    assert name == "anna"
    assert passwords.hash(password) == passwords.hash("a long password")


def read_cursor(data: bytes) -> None:
    """A cursor gives a mark inside its own query, which gives the same cursor again, or is refused."""
    text = data.decode("latin-1")
    for which in FILTERS:
        try:
            mark = mark_of(which, text, ANNA)
        except InvalidRequest:
            continue
        assert mark is not None
        assert mark_of(which, cursor_of(which, mark, ANNA), ANNA) == mark


def read_format(form: Format) -> Callable[[bytes], None]:
    """A file in a format is refused, or each of its rows states something, is skipped, or says why it cannot."""

    def read_data(data: bytes) -> None:
        try:
            with unpacked(io.BytesIO(data), most=1_000_000) as plain:
                head = read_head(plain)
                assert head.describe()
                rows = list(form.read(plain, head, STORED_AT.date()))
        except UnreadableFile:
            return
        for read in rows:
            assert not (read.problems and (read.statements or read.prices))
            for statement in read.statements:
                fields = {name: value for name, value in as_fields(statement).items() if value is not None}
                assert parse_statement(fields).trade == statement.trade

    return read_data


def read_mapping_file(data: bytes) -> None:
    """A mapping is read, or refused with the line of every fault."""
    problems: tuple[Problem, ...] = ()
    try:
        read_format(format_of(read_mapping(data, "fuzzed.toml")))(BLOTTER)
    except InvalidMapping as refused:
        problems = refused.problems
    assert all(problem.field.startswith("line ") for problem in problems)


def _basic(credentials: bytes, scheme: str = "Basic") -> bytes:
    return f"{scheme} ".encode() + base64.b64encode(credentials)


TARGETS: Final[dict[str, Callable[[bytes], None]]] = {
    "daily file": read_file,
    "ENTSO-E prices": read_entsoe,
    "EPEX auction": read_epex,
    "energy-charts": read_energy_charts,
    "authorization header": read_header,
    "cursor": read_cursor,
    "voltbook-v2": read_format(VoltbookV2()),
    "powerbot": read_format(PowerBot("desk", {"P1": "bot_7", "P2": "alice"}, "txt")),
    "mapping": read_format(format_of(read_mapping(MAPPINGS[0], "blotter-de.toml"))),
    "mapping file": read_mapping_file,
}
SEEDS: Final[dict[str, tuple[bytes, ...]]] = {
    "daily file": (
        *(one.content for one in HOSTILE_FILES.values() if len(one.content) <= LONGEST),
        lines(row("a"), row("b", execution_time="2023-02-20T10:05:00.000001Z"), ",,,,,,,", "EOF"),
    ),
    "ENTSO-E prices": tuple(
        vector("W50")["input"][name].encode() for name in ("xml", "xml_without_sequence_1", "xml_long_day")
    ),
    "EPEX auction": (
        epex_file(epex_line("15/06/2026"), epex_line("25/10/2026", H3B="1.00"), epex_line("29/03/2026", H3A="")),
        epex_file(epex_line("15/06/2026", H7='"60,25"', H8="NaN", H9="")),
        b"",
    ),
    "energy-charts": (
        energy_charts(count=8),
        energy_charts(3600, 24),
        energy_charts(count=4, prices=[None, "1,5", -0.01, 1e300]),
        b'{"unix_seconds": ' + b"[" * 10_000,
    ),
    "authorization header": (
        _basic(b"anna:a long password"),
        _basic(b"anna:a long password", "bAsIc"),
        _basic(b"anna:a:b"),
        _basic(b"anna"),
        _basic(b":"),
        _basic(b"\xff\xfe:x"),
        _basic("\N{COMBINING ACUTE ACCENT}:x".encode()),
        _basic(b"anna\0:x"),
        _basic(b"x" * 4_000),
        _basic(b"anna:a long password").rstrip(b"="),
        _basic(b"anna:a long password") + b"=",
        _basic(b"anna:a long password") + b"\r\nX-Other: 1",
        b"Basic",
        b"Basic ",
        b"Basic  YW5uYTph  ",
        b"Bearer YW5uYTph",
        b"Basic YW5uYTph, Basic YW5uYTph",
        b"Digest username=anna",
        b"\0",
        b"",
    ),
    "cursor": (
        *(cursor_of(which, f"{which.delivery_day or ''}#x", ANNA).encode() for which in FILTERS),
        base64.urlsafe_b64encode(b"[" * 100_000),
        base64.urlsafe_b64encode(b'[null, null, "\\ud800"]'),
        base64.urlsafe_b64encode(b"[null, null, NaN]"),
        base64.urlsafe_b64encode(b"[null, null, 1e999]"),
        base64.urlsafe_b64encode(b"[null, null, " + b"9" * 5_000 + b"]"),
        base64.urlsafe_b64encode(b'{"0": null}'),
        base64.urlsafe_b64encode(b'"abc"'),
        base64.urlsafe_b64encode(b"[]"),
        base64.urlsafe_b64encode(b"\xff"),
        b"====",
        b"%00",
        b"",
    ),
    "voltbook-v2": (
        (V2_HEADER + v2_line() + v2_line(quantity_mw='"1,5"', price_eur_mwh="NaN")).encode(),
        (V2_HEADER.upper() + v2_line(id='"a,b"')).encode("utf-16"),
        gzip.compress(V2_HEADER.encode(), mtime=0),
        b"\x1f\x8b",
        b"",
    ),
    "powerbot": (
        json.dumps(vector("W43")["input"]["body"]).encode(),
        b'[{"buy": true, "buy": true}]',
        b'[{"trade_id": 1e999, "price": NaN}]',
        b"[" * 10_000,
        b'[{"buy": true, "quantity": ' + b"9" * 5_000 + b"}]",
        b"{}",
    ),
    "mapping": (
        BLOTTER,
        BLOTTER.decode().replace("\r\n", "\r").encode(),
        BLOTTER.decode().encode("utf-16"),
        b"\0",
        b"",
    ),
    "mapping file": (*MAPPINGS, b"[[columns]]", b"columns = 3", b"a = " + b"[" * 5_000, b"\xff", b""),
}
