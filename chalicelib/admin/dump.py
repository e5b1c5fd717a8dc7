"""Moving a whole book between stacks: each table as lines of JSON in a folder, checked, and resumed where it ended."""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from chalicelib.admin.store import Item, Tables
from chalicelib.audit.model import Act, Deed
from chalicelib.common.errors import InvalidRequest
from chalicelib.imports.batching import windows

MANIFEST: Final = "manifest.json"
FORMAT: Final = 1
WRITTEN_AT_ONCE: Final = 100
OWN_RECORD: Final = "audit"
"""The one table of which the book that takes an export may have more: what was done to it is its own."""
Progress = Callable[[str, int], None]
"""Told the table and how many of its items are done."""


@dataclass(frozen=True, slots=True)
class Moved:
    """How many items of each table there are."""

    items: dict[str, int]

    def as_json(self) -> dict[str, object]:
        """Give it as the CLI shows it."""
        return {"items": sum(self.items.values()), "tables": self.items}


def export_all(folder: Path, tables: Tables, progress: Progress) -> Moved:
    """Write every table to `folder`, which only its owner may read: it holds the hashes of the logins.

    Run again after it was interrupted, it goes on where it stopped. It is no snapshot: export while nobody writes, or
    prove what was imported with `verify`.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    done: dict[str, dict[str, Any]] = {}
    for table in tables.names():
        file = _file(folder, table)
        if not file.exists():
            _write(table, file, tables, progress)
        done[table] = {"items": sum(1 for _ in _lines(file)), "sha256": _sha256(file)}
    (folder / MANIFEST).write_text(json.dumps({"format": FORMAT, "tables": done}, indent=1) + "\n", "utf-8")
    return Moved({table: counted["items"] for table, counted in done.items()})


def import_all(folder: Path, tables: Tables, progress: Progress, by: str) -> Moved:
    """Write what an export holds into a book that has nothing else; again, it writes what is lacking.

    The audit is told first by whom, so that it knows of an import that was interrupted as well.

    Raises InvalidRequest, before anything is written, for a folder that is not whole and for a book that holds
    something the export does not.
    """
    moved = _checked(folder, tables)
    for table in moved.items:
        _refuse_others(table, folder, tables)
    tables.tell(Deed(by, Act.BOOK_IMPORTED, folder.name), moved.as_json())
    for table, count in moved.items.items():
        done = 0
        for part in windows(_items(_file(folder, table)), WRITTEN_AT_ONCE):
            others = tables.put_new(table, part)
            if others:
                raise InvalidRequest(f"the book's {table} changed meanwhile: {_brief(others[0])} stands otherwise")
            done += len(part)
            progress(table, done)
        if done != count:
            raise InvalidRequest(
                f"{_file(folder, table)} changed meanwhile: it had {count} items, and {done} were read"
            )
    return moved


def _write(table: str, file: Path, tables: Tables, progress: Progress) -> None:
    """Append page by page to a file beside, and note after each where the next begins; renamed, it is whole."""
    partial, state = file.with_suffix(".part"), file.with_suffix(".state")
    told: dict[str, Any] = {"bytes": 0, "items": 0, "after": None}
    if state.exists():
        told = json.loads(state.read_text("utf-8"))
    partial.touch(mode=0o600)
    with partial.open("r+b") as out:
        out.seek(told["bytes"])
        out.truncate()
        going_on = True
        while going_on:
            items, after = tables.page(table, told["after"])
            out.writelines(_line(item) for item in items)
            out.flush()
            told = {"bytes": out.tell(), "items": told["items"] + len(items), "after": after}
            beside = state.with_suffix(".new")
            beside.write_text(json.dumps(told), "utf-8")
            beside.replace(state)
            progress(table, told["items"])
            going_on = after is not None
    partial.replace(file)
    state.unlink()


def _checked(folder: Path, tables: Tables) -> Moved:
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        known = manifest["format"] == FORMAT
        told = {table: (counted["sha256"], counted["items"]) for table, counted in manifest["tables"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidRequest(f"{folder} holds no whole export: {MANIFEST} cannot be read") from error
    if not known or set(told) != set(tables.names()):
        raise InvalidRequest(f"{folder} holds an export of another Voltbook: this one has {', '.join(tables.names())}")
    for table, (digest, _) in told.items():
        file = _file(folder, table)
        if not file.exists() or _sha256(file) != digest:
            raise InvalidRequest(f"{file} is not what was exported: its SHA-256 should be {digest}")
    return Moved({table: count for table, (_, count) in told.items()})


def _refuse_others(table: str, folder: Path, tables: Tables) -> None:
    """Only eight bytes of each exported item's digest are held."""
    known = array("Q", sorted(_mark(item) for item in _items(_file(folder, table))))
    for item in _all(table, tables):
        wanted = _mark(item)
        place = bisect_left(known, wanted)
        if (place == len(known) or known[place] != wanted) and table != OWN_RECORD:
            raise InvalidRequest(f"this book is not empty: its {table} hold {_brief(item)}, and the export does not")


def _all(table: str, tables: Tables) -> Iterator[Item]:
    items, after = tables.page(table, None)
    yield from items
    while after is not None:
        items, after = tables.page(table, after)
        yield from items


def _brief(item: Item) -> str:
    """Name an item by its shortest texts, never by a hash of a password."""
    shown = [str(value["S"]) for name, value in sorted(item.items()) if "S" in value and name != "password_hash"]
    return ", ".join(sorted(shown, key=len)[:3])


def _file(folder: Path, table: str) -> Path:
    return folder / f"{table}.jsonl"


def _line(item: Item) -> bytes:
    return json.dumps(item, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _mark(item: Item) -> int:
    return int.from_bytes(sha256(_line(item)).digest()[:8], "big")


def _lines(file: Path) -> Iterator[bytes]:
    with file.open("rb") as lines:
        yield from lines


def _items(file: Path) -> Iterator[Item]:
    yield from (json.loads(line) for line in _lines(file))


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        digest = sha256()
        while part := content.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()
