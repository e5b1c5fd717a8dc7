"""The guard of consistent reads notices each kind of read that is not consistent."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fixtures.consistent_reads import stale_reads

TABLE: dict[str, Any] = {"TableName": "t"}


@pytest.mark.parametrize("operation", ["GetItem", "Query", "Scan"])
def test_a_read_of_a_table_is_stale_unless_it_asks_not_to_be(operation: str) -> None:
    assert list(stale_reads(operation, TABLE)) == [f"{operation} of t"]
    assert list(stale_reads(operation, {**TABLE, "ConsistentRead": False})) == [f"{operation} of t"]
    assert list(stale_reads(operation, {**TABLE, "ConsistentRead": True})) == []


def test_each_table_of_a_batch_is_looked_at() -> None:
    asked = {"a": {"Keys": [], "ConsistentRead": True}, "b": {"Keys": []}}
    assert list(stale_reads("BatchGetItem", {"RequestItems": asked})) == ["BatchGetItem of b"]


@pytest.mark.parametrize("operation", ["PutItem", "UpdateItem", "TransactWriteItems", "DescribeTable"])
def test_what_reads_nothing_is_no_read(operation: str) -> None:
    assert list(stale_reads(operation, TABLE)) == []


def test_an_index_cannot_be_read_otherwise() -> None:
    assert list(stale_reads("Query", {**TABLE, "IndexName": "by_day"})) == []
