"""A change of a user gives what is cached about users another key."""

from __future__ import annotations

from chalicelib.access.change_counter import latest_change, note_change


def test_each_change_has_a_number_of_its_own() -> None:
    numbers = [latest_change()]
    assert latest_change() == numbers[0]
    for _ in range(3):
        note_change()
        numbers.append(latest_change())
    assert len(set(numbers)) == 4
