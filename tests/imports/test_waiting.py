"""Waiting for another run that imports the same file: how long, how often, and what is returned."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chalicelib.common.errors import ImportUnderWay
from chalicelib.imports.waiting import in_turn, pauses


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, []), (0.2, [0.2]), (0.5, [0.2, 0.3]), (0.6, [0.2, 0.3, 0.45]), (-1, [])],
)
def test_pauses_grow_until_their_time_is_over(seconds: float, expected: list[float]) -> None:
    assert list(pauses(seconds)) == pytest.approx(expected)


def test_no_pause_is_longer_than_three_seconds() -> None:
    waits = list(pauses(150))
    assert max(waits) == 3
    assert 150 <= sum(waits) < 153


def busy(free_at: int) -> Callable[[], str]:
    """A run that finds another one under way until it was asked so many times."""
    asked = iter(range(1_000))

    def run() -> str:
        if next(asked) < free_at:
            raise ImportUnderWay("another run is importing the file")
        return "imported"

    return run


@pytest.mark.parametrize(
    ("free_at", "left_at", "result", "slept"),
    [
        (0, 9, "imported", []),
        (1, 9, "imported", [0.2]),
        (2, 9, "imported", [0.2, 0.3]),
        (9, 0, "left", []),
        (9, 2, "left", [0.2, 0.3]),
    ],
)
def test_a_run_has_its_turn_or_returns_what_another_left(
    free_at: int, left_at: int, result: str, slept: list[float]
) -> None:
    looked, said, waits = iter(range(1_000)), list[str](), list[float]()
    found = in_turn(
        busy(free_at),
        lambda: "left" if next(looked) >= left_at else None,
        "the file",
        waits.append,
        lambda: said.append("waiting"),
    )
    assert (found, said) == (result, ["waiting"] * bool(slept))
    assert waits == pytest.approx(slept)


def test_a_run_that_never_has_its_turn_says_how_long_it_waited() -> None:
    waits: list[float] = []
    with pytest.raises(ImportUnderWay, match=r"^another run has been importing the file for 150 s; the file is stored"):
        in_turn(busy(1_000), lambda: None, "the file", waits.append)
    assert 150 <= sum(waits) < 153
