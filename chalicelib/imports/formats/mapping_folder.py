"""The mapping files of an installation."""

from __future__ import annotations

from pathlib import Path

from chalicelib.common.errors import Problem
from chalicelib.imports.formats.mapping import format_of
from chalicelib.imports.formats.mapping_file import InvalidMapping, read_mapping
from chalicelib.imports.formats.reading import Format


def load_mappings(folder: Path) -> tuple[Format, ...]:
    """Return the formats of all `*.toml` in a folder, which may be absent; raises InvalidMapping."""
    formats: dict[str, Format] = {}
    for path in sorted(folder.glob("*.toml")):
        form = load_mapping(path)
        if form.name in formats:
            raise InvalidMapping(path.name, (Problem("line 1", f"{form.name} is in another file of {folder} too"),))
        formats[form.name] = form
    return tuple(formats.values())


def load_mapping(path: Path) -> Format:
    """Return the format of one mapping file; raises InvalidMapping."""
    return format_of(read_mapping(path.read_bytes(), path.name))
