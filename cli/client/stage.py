"""A deployed stage, reached with the operator's own AWS credentials."""

from __future__ import annotations

import os

from chalicelib.domain.errors import NotAllowed
from cli.exit_codes import NotThere


def enter_stage(stage: str) -> str:
    """Point this process at the stage and say where it is; raises NotThere without credentials or region."""
    import boto3
    from botocore.exceptions import BotoCoreError

    os.environ["VOLTBOOK_STAGE"] = stage
    # Named for another stage, the one would take this one's files and the other tell its notices.
    os.environ.pop("VOLTBOOK_BUCKET", None)
    os.environ.pop("VOLTBOOK_NOTICES_TOPIC", None)
    try:
        session = boto3.Session()
        credentials = session.get_credentials()
    except BotoCoreError as error:
        raise NotThere(f"the AWS credentials for {stage} cannot be read: {error}") from error
    if credentials is None:
        message = f"there are no AWS credentials for {stage}: set AWS_PROFILE, or log in with `aws sso login`"
        raise NotThere(message)
    if session.region_name is None:
        raise NotThere(f"no AWS region is set for {stage}: set AWS_DEFAULT_REGION or AWS_PROFILE")
    return os.environ.get("AWS_ENDPOINT_URL", f"AWS {session.region_name}")


def name_bucket_and_topic(stage: str) -> None:
    """Name what bears the number of the stage's account, before the settings are read."""
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        sts = boto3.client("sts")
        partition, account = _account(sts.get_caller_identity()["Arn"])
    except ClientError as error:
        raise NotAllowed(f"AWS does not accept these credentials for {stage}: {error}") from error
    except BotoCoreError as error:
        raise NotThere(f"AWS cannot be reached for {stage}: {error}") from error
    os.environ["VOLTBOOK_BUCKET"] = f"voltbook-{stage}-daily-files-{account}"
    topic = f"arn:{partition}:sns:{sts.meta.region_name}:{account}:voltbook-{stage}-notices"
    os.environ["VOLTBOOK_NOTICES_TOPIC"] = topic


def _account(arn: str) -> tuple[str, str]:
    """Give the partition and the account of who an ARN (arn:partition:service:region:account:who) names."""
    parts = arn.split(":")
    return parts[1], parts[4]
