"""`make destroy STAGE=dev`: delete a stage. Its data stays, unless DESTROY confirms that it is deleted too."""

from __future__ import annotations

import sys
from contextlib import suppress

import boto3

from infra.cloudformation import DeployError, Say, Stack
from infra.deploy import FAILURES, Agree, ask, stack_of
from infra.resources import Resources, read_resources
from infra.settings import read_settings
from infra.stack_parameters import read_parameters


def confirmation_for(stage: str) -> str:
    return f"{stage}-and-its-data"


def destroy(stage: str, stack: Stack, confirmation: str, agree: Agree) -> None:
    """Delete a stage's stack, and its data if that is confirmed.

    Raises DeployError, with nothing deleted, for a wrong confirmation or if the operator does not agree.
    """
    if confirmation not in {"", stage, confirmation_for(stage)}:
        raise DeployError(
            f"DESTROY={confirmation} is not valid; DESTROY={confirmation_for(stage)} deletes the data of {stage}"
        )
    if confirmation != confirmation_for(stage) and stack.state() in {None, "DELETE_COMPLETE"}:
        region = stack.client.meta.region_name
        raise DeployError(f"there is no stack {stack.name} in {region} of this account: nothing was deleted")
    if not confirmation and stack.protected():
        raise DeployError(f"{stack.name} is protected; DESTROY={stage} deletes it all the same, and keeps its data")
    with_data = confirmation == confirmation_for(stage)
    resources = read_resources(stage, boto3.client("sts").get_caller_identity()["Account"])
    names = ", ".join([*(table["TableName"] for table in resources.tables), resources.bucket["BucketName"]])
    stack.say(f"{stack.name}: functions, API, queues and alarms of stage {stage} are deleted")
    data = "and ALL DATA IN THEM are deleted too" if with_data else "stay, and the next deployment imports them"
    stack.say(f"{names} {data}")
    if not agree(f"Delete {stack.name}{' and its data' if with_data else ''}?"):
        raise DeployError("nothing was deleted")
    if stack.protected():
        stack.protect(on=False)
    stack.delete()
    if with_data:
        _delete_data(resources, stack.say)


def _delete_data(resources: Resources, say: Say) -> None:
    dynamodb, s3 = boto3.client("dynamodb"), boto3.resource("s3")
    for table in resources.tables:
        name = table["TableName"]
        with suppress(dynamodb.exceptions.ResourceNotFoundException):
            dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
            dynamodb.get_waiter("table_exists").wait(TableName=name)
            dynamodb.delete_table(TableName=name)
            dynamodb.get_waiter("table_not_exists").wait(TableName=name)
        say(f"  deleted {name}")
    bucket = s3.Bucket(resources.bucket["BucketName"])
    with suppress(s3.meta.client.exceptions.NoSuchBucket):
        bucket.object_versions.delete()
        bucket.delete()
    say(f"  deleted {bucket.name}")


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
