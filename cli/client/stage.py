"""A deployed stage, reached with the operator's own AWS credentials."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.common.errors import NotAllowed
from chalicelib.settings import Settings, read_settings
from cli.environment import variable, variables
from cli.exit_codes import NotThere

_OF_ONE_STAGE = ("VOLTBOOK_BUCKET", "VOLTBOOK_NOTICES_TOPIC")


def stage_settings(stage: str) -> Settings:
    """Return the settings of a stage; its bucket and topic are missing until the account is known."""
    # If they name another stage's, its files would be imported, and it would get this stage's notices.
    shared = {name: value for name, value in variables().items() if name not in _OF_ONE_STAGE}
    return read_settings({**shared, "VOLTBOOK_STAGE": stage})


def find_stage(stage: str) -> str:
    """Return the endpoint or region of a stage for display; raises NotThere without credentials or region."""
    import boto3
    from botocore.exceptions import BotoCoreError

    try:
        session = boto3.Session()
        credentials = session.get_credentials()
    except BotoCoreError as error:
        raise NotThere(f"the AWS credentials for {stage} cannot be read: {error}") from error
    if credentials is None:
        message = f"no AWS credentials for {stage}: set AWS_PROFILE, or log in with `aws sso login`"
        raise NotThere(message)
    if session.region_name is None:
        raise NotThere(f"no AWS region is set for {stage}: set AWS_DEFAULT_REGION or AWS_PROFILE")
    return variable("AWS_ENDPOINT_URL") or f"AWS {session.region_name}"


def with_bucket_and_topic(settings: Settings) -> Settings:
    """Return the settings with the names that hold the number of the stage's account."""
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    stage = settings.stage
    try:
        sts = boto3.client("sts")
        partition, account = _account(sts.get_caller_identity()["Arn"])
    except ClientError as error:
        raise NotAllowed(f"AWS does not accept these credentials for {stage}: {error}") from error
    except BotoCoreError as error:
        raise NotThere(f"AWS cannot be reached for {stage}: {error}") from error
    return replace(
        settings,
        bucket=f"voltbook-{stage}-daily-files-{account}",
        notices_topic=f"arn:{partition}:sns:{sts.meta.region_name}:{account}:voltbook-{stage}-notices",
    )


def _account(arn: str) -> tuple[str, str]:
    parts = arn.split(":")
    return parts[1], parts[4]
