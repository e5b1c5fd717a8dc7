"""Line numbers in bits."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.imports.line_set import Lines


@given(added=st.lists(st.integers(0, 2_000)), dropped=st.lists(st.integers(0, 2_100)))
def test_lines_are_the_set_of_what_was_added_and_not_dropped(added: list[int], dropped: list[int]) -> None:
    lines = Lines()
    for line in added:
        lines.add(line)
    for line in dropped:
        lines.discard(line)
    expected = set(added) - set(dropped)
    as_set: AbstractSet[int] = lines
    assert as_set == expected
    assert expected == as_set
    assert (list(lines), len(lines)) == (sorted(expected), len(expected))
    assert [line for line in range(2_200) if line in lines] == sorted(expected)


def test_what_is_no_line_number_is_in_no_set() -> None:
    lines = Lines()
    lines.add(1)
    assert lines.__contains__("1") is False
    assert len(Lines()) == 0
