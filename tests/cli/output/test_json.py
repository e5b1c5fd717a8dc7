"""JSON that keeps Unicode and gives a terminal no orders."""

import json

from cli.output.json import json_lines, json_text


def test_unicode_is_kept_and_control_codes_are_escaped() -> None:
    value = {"trader_id": "Jörg ⚡ \x1b[2J \x9b1m \u202e \U000e0001"}
    printed = json_text(value)
    assert "Jörg ⚡ \\u001b[2J \\u009b1m \\u202e \\udb40\\udc01" in printed
    assert json.loads(printed) == value


def test_an_array_in_pieces_is_the_array() -> None:
    values = [{"id": "a", "n": [1]}, {"id": "b"}]
    assert "".join(json_lines(values)) == json.dumps(values, indent=2) + "\n"


def test_an_empty_array() -> None:
    assert "".join(json_lines([])) == "[]\n"
