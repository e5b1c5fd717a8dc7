"""What a file would import, without writing anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import BinaryIO, Final

from chalicelib.access.identity import BOOKS_FOR_ALL, Identity
from chalicelib.common.csv_records import UnreadableFile
from chalicelib.common.errors import InvalidRequest, NotAllowed
from chalicelib.imports.formats.head import read_head
from chalicelib.imports.formats.reading import Format, Reading, as_fields, collect
from chalicelib.imports.formats.recognition import AUTO, named, recognise
from chalicelib.imports.formats.unpacked import unpacked

MAX_BYTES: Final = 4 * 1024 * 1024
"""Of a body: base64 makes 5.6 MB of it, and Lambda takes 6 MB."""
MAX_UNPACKED: Final = 32 * 1024 * 1024


class InvalidFile(InvalidRequest):
    """The file as a whole cannot be read."""

    code = "invalid_file"


def try_file(
    caller: Identity, content: BinaryIO, name: str, mappings: Sequence[Format], file_day: date | None
) -> Reading:
    """Return what a file states to who may import it; raises NotAllowed."""
    if caller.role not in BOOKS_FOR_ALL:
        raise NotAllowed("you may not import files")
    return read_file(content, name, mappings, file_day)


def read_file(content: BinaryIO, name: str, mappings: Sequence[Format], file_day: date | None = None) -> Reading:
    """Return what a file states in the format of this name, or in the one it is recognised by (`auto`)."""
    try:
        with unpacked(content, MAX_UNPACKED) as plain:
            head = read_head(plain)
            form = recognise(head, mappings) if name == AUTO else named(name, mappings)
            return collect(form, form.read(plain, head, file_day))
    except UnreadableFile as error:
        raise InvalidFile(error.message) from error


def as_json(reading: Reading) -> dict[str, object]:
    return {
        "format": reading.format,
        "mapping": reading.mapping,
        "trades": [as_fields(statement) for _, statement in reading.statements],
        "prices": [price.as_fields() for price in reading.prices],
        "other_side": [as_fields(statement) for _, statement in reading.other_side],
        "problems": [row.as_json() for row in reading.problems],
        "skipped": reading.skipped,
    }
