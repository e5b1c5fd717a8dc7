"""What Voltbook runs on is described once: these hold the description and what is made from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from infra import resources
from infra.local.aws import create_bucket, create_tables, create_topics
from infra.local.engines import Engine
from tests.fixtures.engines import dynamodb_client

KEYS = {
    "trades": ("trade_id", "revision"),
    "positions": ("delivery_day", "trader_period"),
    "files": ("file_day", "version"),
    "notices": ("file_day", "kind_version"),
    "users": ("name",),
    "reference_prices": ("delivery_day",),
    "attempts": ("source", "moment"),
    "audit": ("day", "moment"),
}
INDEXES = {"by_trader": ("trader_id", "trader_order"), "by_day": ("day_shard", "day_order")}


def template() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(resources.TEMPLATE.read_text(encoding="utf-8"))
    return loaded


def keys(described: dict[str, Any]) -> tuple[str, ...]:
    return tuple(key["AttributeName"] for key in described["KeySchema"])


def tables_of_the_template() -> list[dict[str, Any]]:
    return [r for r in template()["Resources"].values() if r.get("Type") == "AWS::DynamoDB::Table"]


def test_no_deployment_can_take_the_book_with_it() -> None:
    for table in tables_of_the_template():
        properties = table["Properties"]
        assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("Retain", "Retain")
        assert properties["DeletionProtectionEnabled"] is True
        assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert properties["SSESpecification"] == {"SSEEnabled": True}
        assert properties["BillingMode"] == "PAY_PER_REQUEST"


def test_the_daily_files_are_versioned_private_and_announced() -> None:
    bucket = template()["Resources"]["DailyFiles"]

    assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert bucket["Properties"]["VersioningConfiguration"] == {"Status": "Enabled"}
    assert set(bucket["Properties"]["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["Properties"]["NotificationConfiguration"] == {
        "EventBridgeConfiguration": {"EventBridgeEnabled": True}
    }


def test_names_carry_the_stage_and_the_account() -> None:
    described = resources.read_resources("prod", account="123456789012")

    assert {table["TableName"] for table in described.tables} == {f"voltbook-prod-{name}" for name in KEYS}
    assert described.bucket["BucketName"] == "voltbook-prod-daily-files-123456789012"
    assert described.topics == resources.Topics("voltbook-prod-notices", "voltbook-prod-reports")


def test_tables_are_created_with_the_keys_described(durable_engine: Engine, durable_tables: str) -> None:
    client = dynamodb_client(durable_engine.url)
    for name, expected in KEYS.items():
        table: Any = client.describe_table(TableName=f"voltbook-{durable_tables}-{name}")["Table"]
        indexes = table.get("GlobalSecondaryIndexes", [])

        assert keys(table) == expected
        assert {a["AttributeType"] for a in table["AttributeDefinitions"]} == {"S"}
        assert {index["IndexName"]: keys(index) for index in indexes} == (INDEXES if name == "trades" else {})
        assert {index["Projection"]["ProjectionType"] for index in indexes} <= {"ALL"}


def test_creating_tables_again_changes_nothing(durable_engine: Engine, durable_tables: str) -> None:
    client = dynamodb_client(durable_engine.url)
    client.put_item(TableName=f"voltbook-{durable_tables}-users", Item={"name": {"S": "ada"}})

    create_tables(client, durable_tables)

    assert client.scan(TableName=f"voltbook-{durable_tables}-users")["Count"] == 1


def test_creating_bucket_and_topic_again_gives_the_same(moto_cloud: str) -> None:
    s3, sns = boto3.client("s3"), boto3.client("sns")
    first = create_bucket(s3, moto_cloud), create_topics(sns, moto_cloud)
    again = create_bucket(s3, moto_cloud), create_topics(sns, moto_cloud)

    assert first == again
    assert s3.get_bucket_versioning(Bucket=first[0])["Status"] == "Enabled"


def test_unsupported_intrinsic_function_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    odd = tmp_path / "odd.yaml"
    odd.write_text("Resources: {T: {Type: 'AWS::SNS::Topic', Properties: {TopicName: {'Fn::Join': ['', ['a', 'b']]}}}}")
    monkeypatch.setattr(resources, "TEMPLATE", odd)

    with pytest.raises(ValueError, match="Fn::Join"):
        resources.read_resources("local")
