"""Every command of the README, the tutorial and the page of trades does what is shown; so do backup and the bot.

`DOCS=write` writes into the pages what the commands print now, where that differs, with `...` for times and random ids.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chalicelib.common.delivery import berlin_day
from infra import ROOT
from tests.fixtures.console import BLOCK, SHOWN_URL, Reader, Step, as_block, new_reader, steps
from tests.infra.conftest import engines
from tests.infra.running import Stack, until

__all__ = ["engines"]

README, TUTORIAL, TRADES = (ROOT / name for name in ("README.md", "docs/tutorial.md", "docs/how-to/trades.md"))
LOGIN = "VOLTBOOK_USER=trader_1 VOLTBOOK_PASSWORD=trader_1-demo"
BOT = f"VOLTBOOK_API={SHOWN_URL} {LOGIN} python docs/how-to/bot.py"
STARTS = "make up"
WRITE = os.environ.get("DOCS") == "write"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clone")


@pytest.fixture(scope="module")
def stack(engines: None, without_coverage: None, folder: Path) -> Iterator[Stack]:
    """What `make up` starts in a fresh clone."""
    stack = Stack(folder / ".voltbook", folder / "output", SAMPLES="1")
    yield stack
    stack.end(signal.SIGTERM)


@pytest.fixture(scope="module")
def reader(stack: Stack, folder: Path) -> Reader:
    return new_reader(folder, stack.url)


@pytest.mark.parametrize("page", [README, TUTORIAL, TRADES], ids=["README", "tutorial", "trades"])
def test_every_command_of_a_page_prints_what_the_page_shows(page: Path, reader: Reader, stack: Stack) -> None:
    text = page.read_text("utf-8")
    done = [(step, *run(step, reader, stack)) for step in steps(text)]
    if WRITE:
        outputs = iter(Step(step.command, output_for_page(step, printed)) for step, _, printed in done)
        page.write_text(BLOCK.sub(lambda block: as_block([next(outputs) for _ in steps(block[0])]), text), "utf-8")
    assert [(step.command, code) for step, code, _ in done if code] == []
    assert [(step.command, printed, step.output) for step, _, printed in done if not step.matches(printed)] == []


def output_for_page(step: Step, printed: str) -> str:
    """Return what a page shows of an output: as it is if it still matches, else without what changes with each run."""
    today = berlin_day(datetime.now(UTC))
    times = rf"{today.day} {today:%b %Y} \d\d:\d\d(:\d\d)? CES?T"
    return step.output if step.matches(printed) else re.sub(rf'{times}|(?<="request_id": ")[^"]+', "...", printed)


def run(step: Step, reader: Reader, stack: Stack) -> tuple[int, str]:
    """Return the exit code and the output of a step; the stack that a page starts runs already."""
    if step.command == STARTS:
        return 0, stack.said().replace(stack.url, SHOWN_URL)
    return reader.run(step.command)


@pytest.mark.slow
def test_a_backup_of_one_machine_restores_the_same_book(reader: Reader, folder: Path, stack: Stack) -> None:
    page = (ROOT / "docs" / "how-to" / "back-up.md").read_text("utf-8")
    section = page.partition("\n## Back up one machine\n")[2].partition("\n## ")[0]
    back_up, restore = re.findall(r"^```\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    [bucket] = (folder / ".voltbook" / "aws" / "s3").glob("[!.]*/*")
    (bucket / "exports").mkdir()
    (bucket / "exports" / "own.json").write_text("of another feed")
    assert reader.run(back_up)[0] == 0
    assert (folder / "backup" / "files" / "exports" / "own.json").read_text() == "of another feed"
    start, *commands, verify = restore.splitlines()
    assert (start, verify) == ("make up SAMPLES=0 DATA_DIR=restored", "voltbook verify")
    restored = Stack(folder / "restored", folder / "restored-output", SAMPLES="0")
    try:
        # Repeated, as the message says, where the new book writes its first morning mail meanwhile.
        until(lambda: reader.run("set -e\n" + "\n".join(commands))[0] == 0)
        until(lambda: reader.run("DATA_DIR=restored voltbook verify")[0] == 0)
        assert digest(reader.run("DATA_DIR=restored voltbook verify")[1]) == digest(reader.run("voltbook verify")[1])
    finally:
        restored.end(signal.SIGTERM)


def digest(printed: str) -> str:
    [stated] = re.findall(r"digest (\w+)", printed)
    return str(stated)


def test_the_bot_books_retries_and_reads_as_its_page_says(reader: Reader) -> None:
    assert f"```\n{BOT}\n```" in (ROOT / "docs" / "how-to" / "bots.md").read_text("utf-8")
    code, printed = reader.run(BOT)
    assert code == 0, printed
    assert re.fullmatch(r"booked\n\d+ trades\n-?\d+\.\d\d EUR, \w+\n", printed)
    code, printed = reader.run(BOT)
    assert (code, printed.partition("\n")[0]) == (0, "already_there")


def test_the_bot_reports_why_a_trade_was_refused(reader: Reader) -> None:
    code, printed = reader.run(BOT.replace(LOGIN, "VOLTBOOK_USER=trader_2 VOLTBOOK_PASSWORD=trader_2-demo"))
    assert code == 1
    assert len(printed.splitlines()) == 1
