"""A notice names the exact command to run: every one of them is a command there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import click
import pytest

from chalicelib.common.errors import Problem
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import FileState, QuarantinedRow, Receipt
from chalicelib.imports.notices import late_notice, outcome_notices, prices_notice, restored_notice, withdrawn_notice
from chalicelib.notices.model import Kind, Notice
from cli.app import voltbook

NOW = datetime(2023, 2, 21, 7, tzinfo=UTC)
DAY = date(2023, 2, 20)
ROWS = [QuarantinedRow(4, (Problem("price", "must be a whole number"),))]
COMMAND = re.compile(r"voltbook ((?:[a-z-]+|\d{4}-\d\d-\d\d)(?: (?:--[a-z-]+|[a-z-]+|\d{4}-\d\d-\d\d))*)")


def every_notice() -> Iterator[Notice]:
    yield late_notice(DAY, None, NOW)
    yield prices_notice("reference_prices_20230220.csv", FileDay(DAY), 1, "2 problems", ROWS, NOW)
    for state in FileState:
        receipt = Receipt(DAY, 2, state, "epex_trades_20230220.csv", "0" * 64, "1")
        full = Receipt(
            DAY, 2, state, "epex_trades_20230220.csv", "0" * 64, "1", corrected=1, withdrawn=1, quarantined=1
        )
        for one in (receipt, full):
            yield from outcome_notices(one, ROWS, NOW, was_missed=True)
    yield from outcome_notices(
        replace(receipt, state=FileState.IMPORTED, warnings=("look",)), (), NOW, was_missed=False
    )
    yield restored_notice(receipt, 2, NOW)
    yield withdrawn_notice(receipt, {DAY: (1, 2)}, NOW)


def commands() -> list[str]:
    return sorted({found for notice in every_notice() for found in COMMAND.findall(notice.body)})


def test_every_kind_of_notice_is_looked_at_and_names_a_command() -> None:
    assert {notice.kind for notice in every_notice()} == set(Kind)
    assert [notice.kind for notice in every_notice() if not COMMAND.search(notice.body)] == []
    assert commands() == ["check", "files accept 2023-02-20", "files show 2023-02-20", "prices list"]


@pytest.mark.parametrize("words", commands())
def test_every_command_that_a_notice_names_exists(words: str) -> None:
    command: click.Command = voltbook
    given = words.split()
    while isinstance(command, click.Group):
        found = command.get_command(click.Context(command), given.pop(0))
        assert found is not None
        command = found
    command.make_context("voltbook", given)
