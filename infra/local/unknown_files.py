"""What a file of the inbox is that no feed has, for the log: what was found in it, and where it could belong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from chalicelib.common.csv_records import UnreadableFile
from chalicelib.feeds.feed import Feed, feeds_of, near_misses
from chalicelib.imports.formats.head import read_head
from chalicelib.imports.formats.mapping_file import InvalidMapping
from chalicelib.imports.formats.reading import Format
from chalicelib.imports.formats.recognition import NotRecognised, built_in, nearest, recognise
from chalicelib.imports.formats.unpacked import unpacked


def unknown_of(feeds: Sequence[Feed], mappings: Callable[[], Sequence[Format]]) -> Callable[[Path, str], str | None]:
    """Return what says why no feed has a file; None if one has it, or has a name that is nearly the same."""

    def reason(inbox: Path, name: str) -> str | None:
        if feeds_of(name, feeds) or any(near_misses(name, feeds)):
            return None
        patterns = ", ".join(feed.pattern.text for feed in feeds)
        return f"no feed has files of this name ({patterns}); {_found(inbox / name, mappings())}"

    return reason


def _found(path: Path, mappings: Sequence[Format]) -> str:
    try:
        with path.open("rb") as content, unpacked(content) as plain:
            head = read_head(plain)
    except UnreadableFile as error:
        return f"found {error.message}"
    try:
        return f"found {head.describe()}; format: {recognise(head, mappings).name}"
    except InvalidMapping as error:
        return f"found {head.describe()}; {error.message}: {error.problems[0]}"
    except NotRecognised:
        return f"found {head.describe()}; {nearest(head, (*mappings, *built_in()))}"
