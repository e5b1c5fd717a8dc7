"""`make destroy STAGE=dev`: take a stage down. The book and the daily files stay, unless a word says otherwise."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from infra.cloudformation import DeployError, Say, Stack
from infra.deploy import FAILURES, Agree, ask, read_parameters, stack_of
from infra.resources import Resources, read_resources
from infra.settings import read_settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_s3.client import S3Client

_ABSENT = frozenset({"NoSuchBucket", "ResourceNotFoundException"})


def word_for(stage: str) -> str:
    """Give what has to be said to lose a stage's data as well."""
    return f"{stage}-and-its-data"


def destroy(stage: str, stack: Stack, word: str, agree: Agree) -> None:
    """Delete a stage's stack, and its data if the word is said; raises DeployError with nothing touched otherwise."""
    if word not in {"", word_for(stage)}:
        raise DeployError(
            f"DESTROY={word} says nothing here: DESTROY={word_for(stage)} alone deletes the data of {stage}"
        )
    account = str(boto3.client("sts").get_caller_identity()["Account"])
    held = read_resources(stage, account)
    names = ", ".join([*(table["TableName"] for table in held.tables), held.bucket["BucketName"]])
    stack.say(f"{stack.name}: functions, API, queues and alarms of stage {stage} are deleted")
    fate = "and ALL THAT IS IN THEM are deleted too" if word else "stay, and the next deploy takes them in again"
    stack.say(f"{names} {fate}")
    if not agree(f"Delete {stack.name}{' and its data' if word else ''}?"):
        raise DeployError("nothing was deleted")
    stack.delete()
    if word:
        _delete_data(held, stack.say)


def _delete_data(held: Resources, say: Say) -> None:
    dynamodb, s3 = boto3.client("dynamodb"), boto3.client("s3")
    for table in held.tables:
        _delete_table(dynamodb, table["TableName"])
        say(f"  deleted {table['TableName']}")
    _delete_bucket(s3, held.bucket["BucketName"])
    say(f"  deleted {held.bucket['BucketName']}")


def _delete_table(dynamodb: DynamoDBClient, name: str) -> None:
    try:
        dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
        dynamodb.get_waiter("table_exists").wait(TableName=name)
        dynamodb.delete_table(TableName=name)
        dynamodb.get_waiter("table_not_exists").wait(TableName=name)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _ABSENT:
            raise


def _delete_bucket(s3: S3Client, name: str) -> None:
    try:
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
            found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            if found:
                objects: list[Any] = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]
                s3.delete_objects(Bucket=name, Delete={"Objects": objects, "Quiet": True})
        s3.delete_bucket(Bucket=name)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _ABSENT:
            raise


def main() -> int:
    """Take STAGE down."""
    settings = read_settings()
    stage = settings.stage
    try:
        read_parameters(stage)
        destroy(stage, stack_of(stage), settings.destroy, ask)
    except FAILURES as error:
        print(f"not destroyed: {error}", file=sys.stderr)
        return 1
    print(f"Stage {stage} is down.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
