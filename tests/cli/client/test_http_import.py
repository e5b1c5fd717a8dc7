"""Importing a file over HTTP: sent packed, waited for, or uploaded to an address."""

from __future__ import annotations

import gzip
import hashlib
import os
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from chalicelib.common.errors import ImportUnderWay, InvalidRequest, NotFound, TooLarge, Unavailable, VoltbookError
from chalicelib.feeds.feed import DAILY, REFERENCE_PRICES
from chalicelib.imports.feed_files import file_of
from cli.client import http_import
from cli.client.operations import Client
from tests.cli.an_api import Api
from tests.cli.conftest import CommandLine
from tests.cli.open_books import a_receipt

DAY = date(2023, 2, 20)
NAME = "epex_trades_20230220.csv"
CONTENT = b"id,price\n"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
QUERY = "feed=daily&file_day=2023-02-20"
RECEIPT: dict[str, Any] = {"feed": "daily", **a_receipt(sha256=SHA256)}


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_import.time, "sleep", lambda _: None)  # type: ignore[attr-defined]  # the module's own


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / NAME
    path.write_bytes(CONTENT)
    return path


def silent(_done: int, _rows: int) -> None:
    """Nobody watches."""


def test_a_file_is_sent_packed_and_its_receipt_returned(api: Api, book: Client, file: Path) -> None:
    api.will_answer(200, RECEIPT)

    assert book.import_file(file, silent, file_of(DAILY, DAY)) == RECEIPT
    assert api.asked == [f"POST /v2/imports?{QUERY}"]
    assert gzip.decompress(api.bodies[0]) == CONTENT
    assert api.types == ["application/octet-stream"]
    assert api.bodies[0][4:8] == bytes(4), "no time, so that the same file has the same bytes"


def test_a_file_is_sent_packed_up_to_every_limit(
    api: Api, book: Client, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = gzip.compress(CONTENT, mtime=0)
    monkeypatch.setattr(http_import, "MAX_FILE_BYTES", len(CONTENT))
    monkeypatch.setattr(http_import, "_LARGEST_PACKED", len(CONTENT))
    monkeypatch.setattr(http_import, "MAX_BYTES", len(packed))
    api.will_answer(200, RECEIPT)

    assert book.import_file(file, silent, file_of(DAILY, DAY)) == RECEIPT
    assert (api.asked, gzip.decompress(api.bodies[0])) == ([f"POST /v2/imports?{QUERY}"], CONTENT)


def test_a_file_of_megabytes_is_sent_packed(api: Api, book: Client, file: Path) -> None:
    file.write_bytes(bytes(2**21))
    api.will_answer(200, RECEIPT)
    book.import_file(file, silent, file_of(DAILY, DAY))
    assert len(api.bodies[0]) < 2**13


def test_an_import_that_takes_long_is_waited_for(api: Api, book: Client, file: Path) -> None:
    seen: list[tuple[int, int]] = []
    api.will_answer(202, {"state": "importing", "receipt": f"/v2/imports?{QUERY}"})
    api.will_answer(404, {"message": "nothing is known yet"})
    api.will_answer(200, RECEIPT | {"state": "importing", "rows": 0, "booked": 0})
    api.will_answer(200, RECEIPT | {"state": "importing", "booked": 4})
    api.will_answer(200, RECEIPT)

    assert book.import_file(file, lambda *counts: seen.append(counts), file_of(DAILY, DAY)) == RECEIPT
    assert api.asked[1:] == [f"GET /v2/imports?{QUERY}&sha256={SHA256}"] * 4
    assert seen == [(0, 1), (4, 10)]


def test_a_file_that_was_replaced_is_not_waited_for(api: Api, book: Client, file: Path) -> None:
    api.will_answer(202, {"state": "importing", "receipt": f"/v2/imports?{QUERY}"})
    api.will_answer(400, {"message": "a newer version arrived in the meantime and was imported instead"})
    with pytest.raises(InvalidRequest, match="a newer version arrived"):
        book.import_file(file, silent, file_of(DAILY, DAY))


def test_a_large_file_is_uploaded_without_the_login(
    api: Api, book: Client, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_import, "MAX_BYTES", 100)
    content = os.urandom(200)
    file.write_bytes(content)
    receipt = RECEIPT | {"sha256": hashlib.sha256(content).hexdigest()}
    api.will_answer(200, {"method": "PUT", "url": f"{api.url}/bucket/key?signature=x", "receipt": "..."})
    api.will_answer(200, b"")
    api.will_answer(200, receipt)

    assert book.import_file(file, silent, file_of(DAILY, DAY)) == receipt
    assert api.asked == [
        f"POST /v2/imports/upload?{QUERY}",
        "PUT /bucket/key?signature=x",
        f"GET /v2/imports?{QUERY}&sha256={receipt['sha256']}",
    ]
    assert api.bodies[:2] == [b"{}", content]
    assert [login is None for login in api.logins] == [False, True, False]


def test_an_upload_sends_no_login_of_the_netrc_file(
    api: Api, book: Client, file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setattr(http_import, "MAX_BYTES", 1)
    api.will_answer(200, {"url": f"{api.url}/bucket/key"})
    api.will_answer(200, b"")
    api.will_answer(200, RECEIPT)
    book.import_file(file, silent, file_of(DAILY, DAY))
    assert api.logins[1] is None


def test_a_file_over_the_limit_is_not_uploaded(
    api: Api, book: Client, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_import, "MAX_FILE_BYTES", 3)
    with pytest.raises(TooLarge, match=f"{NAME} has {len(CONTENT)} bytes, at most 3 are imported: split it"):
        book.import_file(file, silent, file_of(DAILY, DAY))
    assert api.asked == []


def test_an_upload_that_is_refused_is_an_error(
    api: Api, book: Client, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_import, "MAX_BYTES", 1)
    api.will_answer(200, {"url": f"{api.url}/bucket/key"})
    api.will_answer(403, b"<Error/>")

    with pytest.raises(Unavailable, match="did not take the file: status 403"):
        book.import_file(file, silent, file_of(DAILY, DAY))


def test_a_file_is_not_uploaded_unencrypted(
    api: Api, book: Client, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_import, "MAX_BYTES", 1)
    api.will_answer(200, {"url": "http://book.example.com/uploads/x"})

    with pytest.raises(VoltbookError, match="address of http, which would send the file unencrypted"):
        book.import_file(file, silent, file_of(DAILY, DAY))


def test_an_upload_is_not_redirected(api: Api, book: Client, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_import, "MAX_BYTES", 1)
    api.will_answer(200, {"url": f"{api.url}/bucket/key"})
    api.will_answer(307, b"", Location=f"{api.url}/elsewhere")

    with pytest.raises(Unavailable):
        book.import_file(file, silent, file_of(DAILY, DAY))
    assert api.asked[1:] == ["PUT /bucket/key"]


def test_patience_ends_with_what_happens_next(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(http_import.time, "sleep", slept.append)  # type: ignore[attr-defined]  # the module's own
    api = Mock(send_file=lambda *_: {"state": "importing"}, get_object=Mock(side_effect=NotFound("nothing yet")))

    with pytest.raises(ImportUnderWay, match="longer than 900 s; it continues, and importing the file again later is"):
        http_import.import_over_http(api, file, silent, file_of(DAILY, DAY))
    assert sum(slept) == pytest.approx(15 * 60, abs=4)


def test_the_command_imports_files_of_two_feeds_over_the_api(api: Api, run: CommandLine, file: Path) -> None:
    prices = file.parent / "reference_prices_20230220.csv"
    prices.write_bytes(b"x")
    api.will_answer(200, RECEIPT)
    api.will_answer(
        200,
        {
            "feed": REFERENCE_PRICES.name,
            "file_day": "2023-02-20",
            "version": 1,
            "state": "rejected",
            "key": prices.name,
            "received": 0,
            "changed": 0,
            "unchanged": 0,
            "reason": "no header",
            "problems": [],
            "more_problems": 0,
            "gaps": [],
            "more_gaps": 0,
            "sha256": "0" * 64,
        },
    )
    result = run("--api", api.url, "--user", "anna", "import", str(file), str(prices), VOLTBOOK_PASSWORD="x")

    assert result.exit_code == 3
    assert result.stdout.splitlines() == [
        f"{NAME}: 10 booked, 0 already there",
        f"{prices.name}: rejected, no price taken: no header",
        "",
        "Feed              File day    State     Rows  New  As before  Problems",
        "----------------  ----------  --------  ----  ---  ---------  --------",
        "daily             2023-02-20  imported    10   10          0         0",
        "reference_prices  2023-02-20  rejected     0    0          0         0",
    ]


def test_the_feeds_behind_the_api_decide_what_a_name_means(api: Api, run: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "OwnTrades_20230220.csv").write_bytes(CONTENT)
    pattern = "nordpool/OwnTrades_{YYYYMMDD}.csv"
    api.will_answer(200, [{"name": "nordpool", "kind": "trades", "pattern": pattern}])
    api.will_answer(200, RECEIPT | {"feed": "nordpool"})
    file = str(tmp_path / "OwnTrades_20230220.csv")
    result = run("--api", api.url, "--user", "anna", "import", file, VOLTBOOK_PASSWORD="x")

    assert result.exit_code == 0, result.stderr
    assert api.asked == ["GET /v2/feeds", "POST /v2/imports?feed=nordpool&file_day=2023-02-20"]


def test_a_file_is_tried_by_the_api_with_its_mappings(api: Api, run: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_bytes(CONTENT)
    found = {"format": "mapping:theirs", "mapping": "theirs", "trades": [], "prices": [], "other_side": []}
    api.will_answer(200, {**found, "problems": [], "skipped": 1})
    result = run(
        *("--api", api.url, "--user", "anna", "import", "--dry-run", str(tmp_path / "own.csv")),
        *("--file-day", "2026-06-15"),
        VOLTBOOK_PASSWORD="x",
    )

    assert (result.exit_code, api.asked) == (0, ["POST /v2/imports?format=auto&dry_run=true&file_day=2026-06-15"])
    assert "own.csv: mapping:theirs: 0 trades, 0 rows with problems, 1 skipped" in result.stderr
    assert api.bodies == [CONTENT]
