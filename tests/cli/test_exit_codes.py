"""Every error of ours has an exit code that somebody decided on."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import chalicelib
import cli
from chalicelib.common.errors import Unavailable, VoltbookError
from cli.exit_codes import code_of, worst
from tests.cli.conftest import CommandLine
from tests.cli.open_books import FakeBook


def every_error(kind: type[VoltbookError] = VoltbookError) -> Iterator[type[VoltbookError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from every_error(narrower)


def import_everything() -> None:
    for package in (chalicelib, cli):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)


EXPECTED = {
    "invalid_fees": 3,
    "invalid_prices": 3,
    "unreadable_file": 3,
    "unauthorized": 4,
    "forbidden": 4,
    "too_many_attempts": 4,
    "unavailable": 5,
    "not_there": 5,
}


def every_error_of_ours() -> list[type[VoltbookError]]:
    import_everything()
    kinds = {kind for kind in every_error() if kind.__module__.startswith(("chalicelib.", "cli."))}
    return sorted(kinds, key=lambda kind: kind.__name__)


@pytest.mark.parametrize("kind", every_error_of_ours(), ids=lambda kind: kind.__name__)
def test_every_error_ends_the_command_with_its_code_and_its_words(
    kind: type[VoltbookError], book: FakeBook, run: CommandLine
) -> None:
    error = kind.__new__(kind)
    VoltbookError.__init__(error, "what went wrong")
    book.reports = [error]
    result = run("report")
    assert result.exit_code == EXPECTED.get(kind.code, 1)
    assert result.stderr == "voltbook: what went wrong\n"
    assert result.stdout == ""


def test_an_error_made_up_later_has_the_code_of_the_nearest_one() -> None:
    class Throttled(Unavailable):
        pass

    assert code_of(Throttled("later")) == 5


@pytest.mark.parametrize(
    ("one", "other", "ends_with"), [(0, 3, 3), (3, 1, 1), (1, 3, 1), (1, 0, 1), (4, 1, 4), (5, 4, 5)]
)
def test_the_worst_outcome_wins(one: int, other: int, ends_with: int) -> None:
    assert worst(one, other) == ends_with
