"""The pages on sources of prices, followed on a running `make up`; and files sent over HTTP, also large ones."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from chalicelib.imports.sent_file import MAX_BYTES
from infra import ROOT
from tests.fixtures.vectors2 import vector
from tests.imports.formats.price_examples import energy_charts, epex_file, epex_line
from tests.infra.running import ADMIN, Stack, until

pytestmark = pytest.mark.slow

SOURCES = (
    *("prices-entsoe", "prices-epex", "prices-energy-charts", "prices-downloads"),
    *("trades-powerbot", "trades-exports"),
)
PAGES = {name: (ROOT / "docs" / "how-to" / f"{name}.md").read_text("utf-8") for name in (*SOURCES, "import")}
BLOCK = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)
FILES = {
    "prices.xml": vector("W50")["input"]["xml"].encode(),
    "table.csv": epex_file(epex_line("15/06/2026")),
    "prices.json": energy_charts(3600, 24),
    "own_trades.json": json.dumps(vector("W43")["input"]["body"]).encode(),
}


def blocks(page: str, kind: str) -> list[str]:
    return [text for found, text in BLOCK.findall(PAGES[page]) if found == kind]


def commands(page: str) -> list[str]:
    lines = "\n".join(blocks(page, "")).replace("\\\n", "").splitlines()
    return [line for line in lines if re.match("voltbook |cp |mkdir |curl |url=", line)]


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the pages assume it: with the samples, the files of the sources, and the stack's data."""
    folder = tmp_path_factory.mktemp("work")
    (folder / "samples").symlink_to(ROOT / "samples")
    (folder / "mappings").mkdir()
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    (folder / "feeds.toml").write_text("\n".join(text for page in SOURCES for text in blocks(page, "toml")), "utf-8")
    for mapping in (ROOT / "samples" / "mappings").glob("*.toml"):
        (folder / "mappings" / mapping.name).write_bytes(mapping.read_bytes())
    return folder


@pytest.fixture(scope="module")
def stack(engines: None, work: Path) -> Iterator[Stack]:
    settings = {"VOLTBOOK_FEEDS": str(work / "feeds.toml"), "VOLTBOOK_MAPPINGS": str(work / "mappings")}
    stack = Stack(work / ".voltbook", work / "output", **settings)
    yield stack
    if stack.process.poll() is None:
        stack.crash()


def run(stack: Stack, work: Path, command: str) -> str:
    done = shell(stack, work, command)
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout + done.stderr


def voltbook(stack: Stack, work: Path, words: str) -> subprocess.CompletedProcess[str]:
    return shell(stack, work, f"VOLTBOOK_PASSWORD=admin-demo voltbook {words}")


def shell(stack: Stack, work: Path, command: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**stack.environment, "PATH": path}
    words = ["bash", "-c", command]
    return subprocess.run(words, cwd=work, env=environment, capture_output=True, text=True, check=False)


def auction(stack: Stack, day: str) -> list[str]:
    found = stack.get("/v2/prices", start_day=day, set="da")["prices"]
    return [price["price_eur_mwh"] for price in found]


@pytest.mark.parametrize(
    ("page", "said", "day", "first"),
    [  # by key, which decides if two are stored within one second
        ("prices-energy-charts", "24 prices, ", "2026-06-15", "0.00"),
        ("prices-entsoe", "96 prices, ", "2026-06-15", None),
        ("prices-epex", "24 prices, ", "2026-06-15", "1.00"),
    ],
)
def test_the_commands_of_a_page_set_its_prices(
    stack: Stack, work: Path, page: str, said: str, day: str, first: str | None
) -> None:
    [tried, imported] = [run(stack, work, command) for command in commands(page)]

    assert "0 rows with problems" in tried
    assert said in imported
    assert auction(stack, day)[0] == first or first is None


@pytest.mark.parametrize(
    ("page", "key", "trades", "rows"),
    [
        ("trades-powerbot", "powerbot/own_trades_2026-06-15.json", 3, 2),  # one is a self-trade
        ("trades-exports", "exports/OwnTrades_20260615.csv", 3, 3),
    ],
)
def test_the_commands_of_a_page_book_its_trades(
    stack: Stack, work: Path, page: str, key: str, trades: int, rows: int
) -> None:
    [tried, imported] = [run(stack, work, command) for command in commands(page)]

    assert f"{trades} trades, 0 rows with problems" in tried
    assert f"{key}: {rows} booked, 0 already there" in imported


def test_both_downloads_are_imported_under_their_own_names(stack: Stack, work: Path) -> None:
    [copied, tried, dropped, imported] = commands("prices-downloads")
    run(stack, work, copied)
    assert "96 prices, 0 rows with problems, 0 skipped" in run(stack, work, tried)
    run(stack, work, dropped)
    name = "Gro_handelspreise_202611270000_202611280000_Viertelstunde.csv"
    until(lambda: f"{name}: 96 prices, 96 changed, 0 unchanged" in stack.said())
    assert "96 prices, 0 changed, 96 unchanged" in run(stack, work, imported)
    assert auction(stack, "2026-11-27")[:2] == ["60.00", "60.25"]
    receipt = stack.get("/v2/imports", feed="market-data", file_day="2026-11-27")
    assert (receipt["key"], receipt["format"]) == (name, "mapping:day-ahead-market-data")


def test_a_rejected_file_has_its_notice_and_a_folder_is_a_prefix(stack: Stack, work: Path) -> None:
    folder = work / ".voltbook" / "inbox" / "entsoe"
    folder.mkdir()
    (folder / "A44_20260616.xml").write_text(vector("W50")["input"]["xml_without_sequence_1"], "utf-8")
    until(lambda: "the prices in entsoe/A44_20260616.xml cannot be used" in stack.said())
    assert "no day-ahead series of sequence 1" in (work / ".voltbook" / "notices.log").read_text("utf-8")


def test_the_commands_of_the_page_on_imports_import_the_same_file(stack: Stack, work: Path) -> None:
    shutil.copy(ROOT / "samples" / "epex_trades_20260614.csv", work / "export.csv")
    here = [command.replace("http://localhost:8000", stack.url) for command in commands("import")]
    [several, named, piped, tried, posted, offered, uploaded] = here
    said = run(stack, work, several)
    assert re.search(r"^daily +2026-06-14 +imported +\d+ +0 +\d+ +0$", said, re.MULTILINE)
    assert re.search(r"^reference_prices +2026-06-15 +imported +\d+ +0 +\d+ +0$", said, re.MULTILINE)
    for command in (named, piped):
        assert "epex_trades_20260614.csv: 0 booked, " in run(stack, work, command)
    assert "stdin: 24 prices, " in run(stack, work, tried)
    assert '"state": "imported"' in run(stack, work, posted)
    run(stack, work, f"{offered}\n{uploaded}")
    assert stack.get("/v2/imports", feed="daily", file_day="2026-06-14")["state"] == "imported"


def test_an_offered_address_takes_a_file_without_a_login(stack: Stack) -> None:
    query = {"feed": "daily", "file_day": "2026-01-12"}
    offer = requests.post(f"{stack.url}/v2/imports/upload", params=query, json={}, auth=ADMIN, timeout=10).json()

    assert offer["url"].startswith(f"{stack.url}/uploads/")
    assert requests.put(offer["url"], data=b"id,price\n", timeout=10).status_code == 200
    until(lambda: "epex_trades_20260112.csv: rejected" in stack.said())
    assert stack.get(offer["receipt"])["state"] == "rejected"


def test_the_command_uploads_what_is_too_large_for_one_request(stack: Stack, work: Path) -> None:
    large = work / "large.csv"
    large.write_bytes(os.urandom(MAX_BYTES + 1024))
    done = voltbook(stack, work, f"--api {stack.url} --user admin import {large} --feed daily --file-day 2026-01-13")

    assert done.returncode == 3, done.stderr
    assert done.stdout.startswith("epex_trades_20260113.csv: rejected, nothing booked: ")


def test_a_file_is_tried_over_the_api(stack: Stack, work: Path) -> None:
    done = voltbook(stack, work, f"--api {stack.url} --user admin import --dry-run prices.json")

    assert done.returncode == 0, done.stderr
    assert "prices.json: energy-charts: 24 prices, 0 rows with problems, 0 skipped" in done.stderr
