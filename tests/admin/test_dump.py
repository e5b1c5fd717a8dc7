"""Moving a whole book: nothing is lost where it is interrupted, and nothing is taken that is not what was exported."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from chalicelib.admin.dump import export_all, import_all
from chalicelib.admin.store import Item
from chalicelib.audit.model import Act, Deed, State
from chalicelib.common.errors import InvalidRequest, Unavailable


def user(name: str, role: str = "admin", **attributes: Any) -> Item:
    return {"name": {"S": name}, "password_hash": {"S": "$argon2id$"}, "role": {"S": role}, **attributes}


FIRST_ADMIN = user("admin", first={"BOOL": True})


class FakeTables:
    """Tables of two items a page, which fail at a call if told to."""

    def __init__(self, count: int = 0, fails_at: int | None = None) -> None:
        self.held: dict[str, dict[str, Item]] = {name: {} for name in ("audit", "trades", "users")}
        self.held["trades"] = {f"{n}": {"id": {"S": f"trade-{n}"}, "price": {"N": f"{n}"}} for n in range(count)}
        self.held["users"] = {"ü": user("ünal")} if count else {}
        self.fails_at, self.calls = fails_at, 0
        self.told: list[tuple[Deed, State]] = []

    def names(self) -> Sequence[str]:
        return list(self.held)

    def page(self, table: str, after: Item | None) -> tuple[Sequence[Item], Item | None]:
        self._call()
        items = list(self.held[table].values())
        first = items.index(after) + 1 if after else 0
        shown = items[first : first + 2]
        return shown, shown[-1] if first + 2 < len(items) else None

    def put_new(self, table: str, items: Sequence[Item]) -> Sequence[Item]:
        self._call()
        others = []
        for item in items:
            key = json.dumps(next(item[name] for name in ("id", "name", "kind_version") if name in item))
            if self.held[table].setdefault(key, item) != item:
                others.append(item)
        return others

    def remove(self, table: str, items: Sequence[Item]) -> None:
        self.held[table] = {key: item for key, item in self.held[table].items() if item not in items}

    def record(self, deed: Deed, after: State) -> None:
        self._call()
        self.told.append((deed, after))

    def _call(self) -> None:
        self.calls += 1
        if self.calls == self.fails_at:
            raise Unavailable("the store did not answer")


def silent(_table: str, _items: int) -> None:
    """Tell nobody."""


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.mark.parametrize("at", range(1, 8))
def test_an_interrupted_export_resumes_and_equals_an_uninterrupted_one(tmp_path: Path, at: int) -> None:
    export_all(tmp_path / "whole", FakeTables(9), silent)
    folder = tmp_path / "interrupted"
    with pytest.raises(Unavailable):
        export_all(folder, FakeTables(9, fails_at=at), silent)
    again = FakeTables(9)
    export_all(folder, again, silent)
    assert contents(folder) == contents(tmp_path / "whole")
    assert again.calls == 7 - at + 1


def test_a_line_that_was_half_written_is_written_again(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        export_all(tmp_path, FakeTables(9, fails_at=4), silent)
    with (tmp_path / "trades.part").open("ab") as half:
        half.write(b'{"id": {"S": "tra')
    export_all(tmp_path, FakeTables(9), silent)
    assert len((tmp_path / "trades.jsonl").read_bytes().splitlines()) == 9


@pytest.mark.parametrize("at", range(4, 7))
def test_an_interrupted_import_resumes(tmp_path: Path, at: int) -> None:
    source, target = FakeTables(9), FakeTables(fails_at=at)
    export_all(tmp_path, source, silent)
    with pytest.raises(Unavailable):
        import_all(tmp_path, target, silent, "operator:ida")
    import_all(tmp_path, target, silent, "operator:ida")
    assert {table: list(held.values()) for table, held in target.held.items()} == {
        table: list(held.values()) for table, held in source.held.items()
    }


def test_a_book_with_other_content_is_refused_before_any_write(tmp_path: Path) -> None:
    export_all(tmp_path, FakeTables(9), silent)
    target = FakeTables()
    target.held["users"]["x"] = {"name": {"S": "eve"}, "password_hash": {"S": "$secret$"}}
    with pytest.raises(InvalidRequest, match="not empty: its users have eve, not in") as refused:
        import_all(tmp_path, target, silent, "operator:ida")
    assert "secret" not in refused.value.message
    assert (target.held["trades"], len(target.held["users"])) == ({}, 1)


def test_an_import_is_audited_with_its_user_and_a_refused_one_is_not(tmp_path: Path) -> None:
    export_all(tmp_path, FakeTables(9), silent)
    target = FakeTables()
    import_all(tmp_path, target, silent, "operator:ida")
    moved = {"items": 10, "tables": {"audit": 0, "trades": 9, "users": 1}}
    assert target.told == [(Deed("operator:ida", Act.BOOK_IMPORTED, tmp_path.name), moved)]

    target.held["users"]["x"] = {"name": {"S": "eve"}}
    with pytest.raises(InvalidRequest):
        import_all(tmp_path, target, silent, "operator:ida")
    assert len(target.told) == 1


def test_what_was_done_to_the_new_book_itself_is_in_no_way(tmp_path: Path) -> None:
    export_all(tmp_path, FakeTables(9), silent)
    target = FakeTables()
    target.held["audit"]["x"] = {"name": {"S": "eve"}}
    import_all(tmp_path, target, silent, "operator:ida")
    assert len(target.held["trades"]) == 9


@pytest.mark.parametrize(("table", "name"), [("trades", "trade-8"), ("users", "ünal")])
def test_an_item_that_another_wrote_meanwhile_is_refused_by_name(tmp_path: Path, table: str, name: str) -> None:
    class Meanwhile(FakeTables):
        """Somebody writes between the look at what is there and the first item."""

        def record(self, deed: Deed, after: State) -> None:
            self.put_new(table, [{"id" if table == "trades" else "name": {"S": name}, "by": {"S": "another"}}])

    export_all(tmp_path, FakeTables(9), silent)
    with pytest.raises(InvalidRequest, match=f"{table} changed meanwhile: {name}.* has other content"):
        import_all(tmp_path, Meanwhile(), silent, "operator:ida")


def test_a_file_that_was_changed_is_refused(tmp_path: Path) -> None:
    export_all(tmp_path, FakeTables(9), silent)
    file = tmp_path / "trades.jsonl"
    file.write_bytes(file.read_bytes().replace(b'"N":"3"', b'"N":"4"'))
    target = FakeTables()
    with pytest.raises(InvalidRequest, match=r"trades.jsonl was changed after the export"):
        import_all(tmp_path, target, silent, "operator:ida")
    assert target.held["trades"] == {}


@pytest.mark.parametrize(
    "manifest", ["", "{}", "[]", '{"format": 1, "tables": {}}', '{"format": 2, "tables": {}}', "x"]
)
def test_a_folder_that_is_no_whole_export_is_refused(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "manifest.json").write_text(manifest, "utf-8")
    with pytest.raises(InvalidRequest):
        import_all(tmp_path, FakeTables(), silent, "operator:ida")


@pytest.mark.parametrize("name", ["manifest.json", "trades.jsonl"])
def test_pipe_in_an_export_is_refused_without_waiting(tmp_path: Path, name: str) -> None:
    export_all(tmp_path, FakeTables(9), silent)
    (tmp_path / name).unlink()
    os.mkfifo(tmp_path / name)
    with pytest.raises(InvalidRequest, match=rf"{name} is a pipe, a device or a folder"):
        import_all(tmp_path, FakeTables(), silent, "operator:ida")


def test_what_a_new_book_wrote_by_itself_is_replaced(tmp_path: Path) -> None:
    source, target = FakeTables(9), FakeTables()
    late, mail = ({"file_day": {"S": day}, "kind_version": {"S": kind}} for day, kind in BY_ITSELF)
    source.held["notices"] = {"x": {**late, "body": {"S": "another"}}}
    source.held["users"]["admin"] = user("admin")
    export_all(tmp_path, source, silent)
    target.held["users"]["first"] = FIRST_ADMIN
    target.held["notices"] = {"late": late, "mail": mail}

    import_all(tmp_path, target, silent, "operator:ida")
    assert {table: list(held.values()) for table, held in target.held.items()} == {
        table: list(held.values()) for table, held in source.held.items()
    }


BY_ITSELF = [("2026-06-15", "late"), ("morning#2026-06-15", "000001#sns")]


A_KEY = {"name": {"S": "key:0"}, "user": {"S": "lea"}, "label": {"S": "night bot"}}


@pytest.mark.parametrize("other", [user("lea", "desk"), user("old", disabled={"BOOL": True}), A_KEY])
def test_the_first_admin_stays_where_the_export_has_no_admin(tmp_path: Path, other: Item) -> None:
    source, target = FakeTables(9), FakeTables()
    source.held["users"] = {"x": other}
    export_all(tmp_path, source, silent)
    target.held["users"]["first"] = FIRST_ADMIN
    import_all(tmp_path, target, silent, "operator:ida")
    assert list(target.held["users"].values()) == [FIRST_ADMIN, other]


@pytest.mark.parametrize("kind", ["rejected#000001", "corrected#000002"])
def test_any_other_notice_is_refused(tmp_path: Path, kind: str) -> None:
    source, target = FakeTables(9), FakeTables()
    source.held["notices"] = {}
    export_all(tmp_path, source, silent)
    target.held["notices"] = {"x": {"file_day": {"S": "2026-06-15"}, "kind_version": {"S": kind}}}
    target.held["users"]["first"] = FIRST_ADMIN
    with pytest.raises(InvalidRequest, match="this book is not empty: its notices have"):
        import_all(tmp_path, target, silent, "operator:ida")
    assert list(target.held["users"].values()) == [FIRST_ADMIN]


def test_existing_folder_is_closed_to_other_accounts(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)

    export_all(tmp_path, FakeTables(3), lambda *_: None)
    assert tmp_path.stat().st_mode & 0o777 == 0o700

    tmp_path.chmod(0o755)  # and a finished export is closed again
    export_all(tmp_path, FakeTables(3), lambda *_: None)
    assert tmp_path.stat().st_mode & 0o777 == 0o700


def test_files_of_an_export_are_closed_to_other_accounts(tmp_path: Path) -> None:
    modes: set[int] = set()

    def look(*_: object) -> None:
        modes.update(one.stat().st_mode & 0o777 for one in tmp_path.iterdir())

    export_all(tmp_path, FakeTables(3), look)
    look()
    assert modes == {0o600}


def test_open_folder_with_other_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    tmp_path.chmod(0o755)

    with pytest.raises(InvalidRequest, match=r"it holds other files; name a new folder"):
        export_all(tmp_path, FakeTables(3), lambda *_: None)

    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
