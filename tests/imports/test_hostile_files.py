"""Files made to break the import: each ends as it must, in bounded memory, and the book holds what it should."""

from __future__ import annotations

import io
import tracemalloc
from datetime import date

import pytest

from chalicelib.feeds.feed import file_name
from chalicelib.feeds.receipt import BOOKED_STATES, FileState
from chalicelib.imports.service import import_daily_file
from chalicelib.imports.validation import Limits, good_rows, validate_file
from tests.fakes.clock import FakeClock
from tests.fakes.feeds import FakeFileStore, FakeReceipts
from tests.fakes.imports import fake_import_context
from tests.fakes.trades import FakeBook
from tests.fixtures.hostile_files import HOSTILE_FILES, Hostile

DAY = date(2023, 2, 20)
cases = pytest.mark.parametrize("hostile", HOSTILE_FILES.values(), ids=HOSTILE_FILES)


def test_there_are_enough_of_them() -> None:
    assert len(HOSTILE_FILES) >= 60


@cases
def test_a_hostile_file_is_judged_as_it_must_be(hostile: Hostile) -> None:
    content = io.BytesIO(hostile.content)
    verdict = validate_file(content, Limits())
    assert verdict.state is hostile.state
    assert verdict.state is FileState.IMPORTING or verdict.reason
    assert tuple(row.line for row in verdict.quarantine) == hostile.quarantined
    if verdict.state is FileState.IMPORTING:
        assert tuple(line for line, _ in good_rows(content, verdict)) == hostile.booked


@cases
def test_the_reasons_can_be_shown_and_stored(hostile: Hostile) -> None:
    verdict = validate_file(io.BytesIO(hostile.content), Limits())
    problems = [problem for row in verdict.quarantine for problem in row.problems]
    words = [verdict.reason or "", *(word for problem in problems for word in (problem.field, problem.message))]
    assert all(len(word) < 400 for word in words)
    assert all(word.isprintable() for word in words)
    "".join(words).encode()


@cases
def test_a_hostile_file_is_imported_as_it_must_be(hostile: Hostile) -> None:
    store, receipts, book = FakeFileStore(), FakeReceipts(), FakeBook()
    store.put(file_name(DAY), io.BytesIO(hostile.content))
    receipt = import_daily_file(DAY, fake_import_context(store, receipts, book, FakeClock()))
    assert len(book.words) == len(hostile.booked)
    assert receipt.accounted_for or receipt.state not in BOOKED_STATES
    assert receipt.quarantined == len(hostile.quarantined)


@pytest.mark.parametrize("name", ["a cell of a million characters", "a header of a megabyte", "a gzip bomb"])
def test_a_huge_line_is_not_read_into_memory(name: str) -> None:
    content = io.BytesIO(HOSTILE_FILES[name].content)
    tracemalloc.start()
    validate_file(content, Limits())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 300_000
