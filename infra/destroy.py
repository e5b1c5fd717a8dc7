"""`make destroy STAGE=dev`: delete a stage. Its data stays, unless DESTROY confirms that it is deleted too."""

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


def confirmation_for(stage: str) -> str:
    return f"{stage}-and-its-data"


def destroy(stage: str, stack: Stack, confirmation: str, agree: Agree) -> None:
    """Delete a stage's stack, and its data if that is confirmed.

    Raises DeployError, with nothing deleted, for a wrong confirmation or if the operator does not agree.
    """
    if confirmation not in {"", confirmation_for(stage)}:
        raise DeployError(
            f"DESTROY={confirmation} is not valid; DESTROY={confirmation_for(stage)} deletes the data of {stage}"
        )
    account = str(boto3.client("sts").get_caller_identity()["Account"])
    resources = read_resources(stage, account)
    names = ", ".join([*(table["TableName"] for table in resources.tables), resources.bucket["BucketName"]])
    stack.say(f"{stack.name}: functions, API, queues and alarms of stage {stage} are deleted")
    data = "and ALL DATA IN THEM are deleted too" if confirmation else "stay, and the next deployment imports them"
    stack.say(f"{names} {data}")
    if not agree(f"Delete {stack.name}{' and its data' if confirmation else ''}?"):
        raise DeployError("nothing was deleted")
    stack.delete()
    if confirmation:
        _delete_data(resources, stack.say)


def _delete_data(resources: Resources, say: Say) -> None:
    dynamodb, s3 = boto3.client("dynamodb"), boto3.client("s3")
    for table in resources.tables:
        _delete_table(dynamodb, table["TableName"])
        say(f"  deleted {table['TableName']}")
    _delete_bucket(s3, resources.bucket["BucketName"])
    say(f"  deleted {resources.bucket['BucketName']}")


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
            versions = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            if versions:
                objects: list[Any] = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in versions]
                s3.delete_objects(Bucket=name, Delete={"Objects": objects, "Quiet": True})
        s3.delete_bucket(Bucket=name)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _ABSENT:
            raise


def main() -> int:
    settings = read_settings()
    stage = settings.stage
    try:
        read_parameters(stage)
        destroy(stage, stack_of(stage), settings.destroy, ask)
    except FAILURES as error:
        print(f"not destroyed: {error}", file=sys.stderr)
        return 1
    print(f"Stage {stage} is deleted.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
