"""The readers, each as a function of bytes that returns for whatever is refused and raises only for a defect."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Final

from chalicelib.access.identity import Identity, Role, User
from chalicelib.access.service import authenticate
from chalicelib.common.errors import InvalidRequest, Unauthenticated
from chalicelib.feeds.receipt import FileState
from chalicelib.imports.validation import CLOCKS_DIFFER, Limits, good_rows, validate_file
from chalicelib.trades.cursor import cursor_of, mark_of
from chalicelib.trades.reading import Filter
from tests.fakes.access import FakeDirectory, FakePasswords
from tests.fixtures.hostile_files import HOSTILE_FILES, lines, row

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


def _basic(credentials: bytes, scheme: str = "Basic") -> bytes:
    return f"{scheme} ".encode() + base64.b64encode(credentials)


TARGETS: Final[dict[str, Callable[[bytes], None]]] = {
    "daily file": read_file,
    "authorization header": read_header,
    "cursor": read_cursor,
}
SEEDS: Final[dict[str, tuple[bytes, ...]]] = {
    "daily file": (
        *(one.content for one in HOSTILE_FILES.values() if len(one.content) <= LONGEST),
        lines(row("a"), row("b", execution_time="2023-02-20T10:05:00.000001Z"), ",,,,,,,", "EOF"),
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
}
