"""Text from outside, shown so that a terminal does not interpret it."""

from __future__ import annotations


def shown(text: str) -> str:
    r"""Return text with control codes and direction marks as escapes: `\x1b`."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)
