"""Export and import of a whole book: a file of JSON lines for each table, with checksums; both can be resumed."""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, Final

from chalicelib.admin.store import Item, Tables
from chalicelib.audit.model import Act, Deed
from chalicelib.changes.model import TOKEN_KEY
from chalicelib.common.closed_folder import make_closed_folder
from chalicelib.common.errors import InvalidRequest
from chalicelib.common.windows import windows

MANIFEST: Final = "manifest.json"
FORMAT: Final = 1
WRITTEN_AT_ONCE: Final = 100
OWN_RECORD: Final = "audit"
"""The one table that may have items that are not in the export: a new book has its own audit."""
USERS: Final = "users"
NOTICES: Final = "notices"
FILES: Final = "files"
Progress = Callable[[str, int], None]
"""Called with a table and the number of its items done."""


@dataclass(frozen=True, slots=True)
class Moved:
    items: dict[str, int]

    def as_json(self) -> dict[str, object]:
        return {"items": sum(self.items.values()), "tables": self.items}


def export_all(folder: Path, tables: Tables, progress: Progress) -> Moved:
    """Write every table to `folder`, which only its owner may read: it contains the password hashes.

    An interrupted export continues where it stopped. It is no snapshot: export while nobody writes, or check the import
    with `verify`. Raises InvalidRequest for a folder that others may read and that holds other files.
    """
    own = {MANIFEST, *(f"{name}{suffix}" for name in tables.names() for suffix in (".jsonl", ".part", ".state"))}
    try:
        make_closed_folder(folder, lambda entry: entry.name in own)
    except OSError as error:
        raise InvalidRequest(f"{folder} cannot take an export: {error.strerror}; name a new folder") from error
    done: dict[str, dict[str, Any]] = {}
    for table in tables.names():
        file = _file(folder, table)
        if not file.exists():
            _write(table, file, tables, progress)
        done[table] = {"items": sum(1 for _ in _lines(file)), "sha256": _sha256(file)}
    _write_closed(folder / MANIFEST, json.dumps({"format": FORMAT, "tables": done}, indent=1) + "\n")
    return Moved({table: counted["items"] for table, counted in done.items()})


def import_all(folder: Path, tables: Tables, progress: Progress, by: str) -> Moved:
    """Store an export in an empty book, or complete an interrupted import.

    The audit records it first, and so also an import that is interrupted. Raises InvalidRequest before anything is
    written if the export is incomplete, or if the book contains anything that is not in the export. What a new book
    writes by itself is replaced: late notices, morning mails, the change token, and the first admin if the export has
    an admin.
    """
    moved = _checked(folder, tables)
    replaced = {table: _replaced(table, folder, tables) for table in moved.items}
    tables.record(Deed(by, Act.BOOK_IMPORTED, folder.name), moved.as_json())
    for table, items in replaced.items():
        tables.remove(table, items)
    for table, count in moved.items.items():
        done = 0
        for part in windows(_items(_file(folder, table)), WRITTEN_AT_ONCE):
            others = tables.put_new(table, part)
            if others:
                found = f"{_brief(others[0])} has other content"
                raise InvalidRequest(f"the book's {table} changed meanwhile: {found}; import again")
            done += len(part)
            progress(table, done)
        if done != count:
            raise InvalidRequest(
                f"{_file(folder, table)} changed meanwhile: it had {count} items, and {done} were read"
            )
    return moved


def _write(table: str, file: Path, tables: Tables, progress: Progress) -> None:
    """Append page by page to a partial file, with the place to continue from in a state file; rename it at the end."""
    partial, state = file.with_suffix(".part"), file.with_suffix(".state")
    done: dict[str, Any] = {"bytes": 0, "items": 0, "after": None}
    if state.exists():
        done = json.loads(state.read_text("utf-8"))
    partial.touch(mode=0o600)
    with partial.open("r+b") as out:
        out.seek(done["bytes"])
        out.truncate()
        more = True
        while more:
            items, after = tables.page(table, done["after"])
            out.writelines(_line(item) for item in items)
            out.flush()
            done = {"bytes": out.tell(), "items": done["items"] + len(items), "after": after}
            draft = state.with_suffix(".new")
            _write_closed(draft, json.dumps(done))
            draft.replace(state)
            progress(table, done["items"])
            more = after is not None
    partial.replace(file)
    state.unlink()


def _write_closed(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text, "utf-8")


def _checked(folder: Path, tables: Tables) -> Moved:
    for file in (folder / MANIFEST, *(_file(folder, table) for table in tables.names())):
        if file.exists() and not file.is_file():  # to open a pipe would wait for its writer
            raise InvalidRequest(f"{file} is a pipe, a device or a folder; expected a file of an export")
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        same_format = manifest["format"] == FORMAT
        expected = {table: (counted["sha256"], counted["items"]) for table, counted in manifest["tables"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidRequest(f"{folder} is not a complete export: {MANIFEST} cannot be read") from error
    if not same_format or set(expected) != set(tables.names()):
        names = ", ".join(tables.names())
        raise InvalidRequest(f"{folder} is an export of another version of Voltbook: this one has {names}")
    for table, (digest, _) in expected.items():
        file = _file(folder, table)
        if not file.exists() or _sha256(file) != digest:
            raise InvalidRequest(f"{file} was changed after the export: expected the SHA-256 {digest}")
    return Moved({table: count for table, (_, count) in expected.items()})


def _replaced(table: str, folder: Path, tables: Tables) -> list[Item]:
    """Return the items to replace; raises InvalidRequest if there are others that are not in the export."""
    # Eight bytes of each digest are enough, and a large book fits in memory.
    exported = array("Q", sorted(_mark(item) for item in _items(_file(folder, table))))
    replaced = []
    for item in _all(table, tables):
        mark = _mark(item)
        place = bisect_left(exported, mark)
        if (place < len(exported) and exported[place] == mark) or table == OWN_RECORD:
            continue
        if not _written_by_itself(table, item):
            raise InvalidRequest(f"this book is not empty: its {table} have {_brief(item)}, not in the export")
        replaced.append(item)
    if table == USERS and not any(map(_is_active_admin, _items(_file(folder, table)))):
        return []
    return replaced


def _written_by_itself(table: str, item: Item) -> bool:
    if table == USERS:
        return "first" in item
    if table == FILES:
        return (item["file_day"]["S"], item["version"]["S"]) == TOKEN_KEY
    return table == NOTICES and (item["kind_version"]["S"] == "late" or item["file_day"]["S"].startswith("morning#"))


def _is_active_admin(user: Item) -> bool:
    return user.get("role") == {"S": "admin"} and user.get("disabled") != {"BOOL": True}  # a key has neither


def _all(table: str, tables: Tables) -> Iterator[Item]:
    items, after = tables.page(table, None)
    yield from items
    while after is not None:
        items, after = tables.page(table, after)
        yield from items


def _brief(item: Item) -> str:
    # Never a password hash.
    texts = [str(value["S"]) for name, value in sorted(item.items()) if "S" in value and name != "password_hash"]
    return ", ".join(sorted(texts, key=len)[:3])


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
        return file_digest(content, "sha256").hexdigest()
