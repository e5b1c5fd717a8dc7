"""The mapping files of an installation."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from chalicelib.common.errors import Problem
from chalicelib.imports.formats.faulty_mapping import FaultyMapping
from chalicelib.imports.formats.mapping import format_of
from chalicelib.imports.formats.mapping_file import InvalidMapping, read_mapping
from chalicelib.imports.formats.reading import Format


def load_mappings(folder: Path) -> tuple[Format, ...]:
    """Return the formats of all `*.toml` in a folder, which may be absent.

    A file with faults becomes a `FaultyMapping`, as do files of one name.
    """
    paths = sorted(folder.glob("*.toml"))
    formats = [_loaded(path) for path in paths]
    times = Counter(form.name for form in formats)
    for place, (path, form) in enumerate(zip(paths, formats, strict=True)):
        if times[form.name] > 1:
            twice = Problem("line 1", f"{form.name} is in another file of {folder} too")
            formats[place] = FaultyMapping(path.read_bytes(), path.name, InvalidMapping(path.name, (twice,)))
    return tuple(formats)


def load_mapping(path: Path) -> Format:
    """Return the format of one mapping file; raises InvalidMapping."""
    return format_of(read_mapping(path.read_bytes(), path.name))


def _loaded(path: Path) -> Format:
    try:
        return load_mapping(path)
    except InvalidMapping as error:
        return FaultyMapping(path.read_bytes(), path.name, error)
