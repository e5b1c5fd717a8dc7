"""Tables moved whole: an item that is there is never overwritten, and is reported where it differs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.admin import bootstrap as admin_bootstrap
from chalicelib.admin import tables as admin_tables
from chalicelib.admin.store import Item, Tables


@pytest.fixture
def tables(engine: str) -> Tables:
    if engine == "fake":
        pytest.skip("there are no whole tables in memory")
    return admin_bootstrap.tables()


def user(number: int, kept: str = "hash") -> dict[str, Any]:
    return {"name": {"S": f"user-{number:03d}"}, "password_hash": {"S": kept}, "role": {"S": "desk"}}


def every(tables: Tables) -> list[Item]:
    items, after = tables.page("users", None)
    assert after is None
    return sorted(items, key=lambda item: str(item["name"]["S"]))


def test_items_are_written_once_however_often_they_are_sent(tables: Tables) -> None:
    wanted = [user(number) for number in range(110)]
    for _ in range(2):
        assert tables.put_new("users", wanted) == []
        assert every(tables) == wanted


def test_removed_items_are_gone_and_removing_them_again_does_nothing(tables: Tables) -> None:
    tables.put_new("users", [user(number) for number in range(3)])
    for _ in range(2):
        tables.remove("users", [user(0), user(2)])
        assert every(tables) == [user(1)]


def test_a_differing_item_is_reported_and_kept_and_the_others_written(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin_tables, "MOST_ITEMS", 4)
    tables.put_new("users", [user(1, "another"), user(2), user(9, "another")])
    wanted = [user(number) for number in range(10)]
    assert tables.put_new("users", wanted) == [user(1), user(9)]
    assert every(tables) == [user(number, "another" if number in {1, 9} else "hash") for number in range(10)]


def test_an_item_with_more_or_fewer_attributes_is_another(tables: Tables) -> None:
    more = {**user(1), "disabled": {"BOOL": True}}
    tables.put_new("users", [more, user(2)])
    assert tables.put_new("users", [user(1), {**user(2), "disabled": {"BOOL": True}}]) == [
        user(1),
        {**user(2), "disabled": {"BOOL": True}},
    ]


def test_no_transaction_is_larger_than_dynamodb_takes(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    parts: list[list[Item]] = []
    put = admin_tables._put

    def noted(table: str, items: list[Item]) -> list[Item]:
        parts.append(list(items))
        return put(table, items)

    monkeypatch.setattr(admin_tables, "_put", noted)
    small, large = [user(number) for number in range(250)], [user(300 + number, "h" * 90_000) for number in range(50)]
    wanted = [*small, *large]
    assert tables.put_new("users", wanted) == []
    assert [item for part in parts for item in part] == wanted
    assert [len(part) for part in parts[:2]] == [100, 100]
    assert all(len(part) <= 100 and len(json.dumps(part)) <= 3_100_000 for part in parts)
    assert len(parts) == 4
