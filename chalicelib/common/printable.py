"""Text that came from outside, shown so that nothing obeys it."""

from __future__ import annotations


def shown(text: str) -> str:
    r"""Give text with what a terminal might obey (control codes, direction marks) as its escape: `\x1b`."""
    return text if text.isprintable() else "".join(one if one.isprintable() else _escaped(one) for one in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
