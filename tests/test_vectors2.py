"""The worked examples of the extended trade."""

from __future__ import annotations

from pathlib import Path

COPY = Path(__file__).with_name("vectors2.json")
ORIGINAL = COPY.parents[2] / "shared" / COPY.name
"""Beside the project where it is developed."""


def test_the_copied_examples_are_those_of_the_specification() -> None:
    assert not ORIGINAL.exists() or ORIGINAL.read_bytes() == COPY.read_bytes()
