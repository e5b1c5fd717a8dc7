"""Opens the chosen book: the local stack's, a deployed stage's, or one behind an API; its name goes to stderr."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import click

from chalicelib.common.errors import NotAllowed
from chalicelib.settings import Settings, read_settings
from cli.environment import variable, variables
from cli.exit_codes import NotThere
from cli.profiles import ConnectionOptions, resolve
from cli.terminal import say

if TYPE_CHECKING:
    from cli.client.operations import Client

LOCAL: Final = "local"
_OF_ONE_STAGE: Final = ("VOLTBOOK_BUCKET", "VOLTBOOK_NOTICES_TOPIC")
_STAGE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,19}", re.ASCII)


@contextmanager
def opened(connection: ConnectionOptions) -> Iterator[Client]:
    place = resolve(connection)
    if place.api is not None:
        with _over_http(place.api, place.user) as book:
            yield book
        return
    if connection.user is not None:
        raise click.UsageError("--user requires --api")
    name = LOCAL if place.book is None else place.book
    yield _local() if name == LOCAL else _deployed(name)


def open_book() -> Client:
    """Open the book that the command line chooses, until the command ends."""
    context = click.get_current_context()
    return context.with_resource(opened(context.ensure_object(ConnectionOptions)))


@contextmanager
def _over_http(address: str, user: str | None) -> Iterator[Client]:
    from cli.client.http_client import HttpApi, base_of, connected
    from cli.client.operations import Client
    from cli.passwords import ask_login

    api = base_of(address)
    if not user:
        raise click.UsageError("--api needs a login: add --user NAME or set VOLTBOOK_USER")
    say(f"book: {api} as {user}")
    # Asked for with the first request: what HTTP does not offer is refused without a password.
    with connected(user, lambda: ask_login(api, user)) as session:
        yield Client(HttpApi(api, session))


def _local() -> Client:
    from chalicelib.aws.session import use
    from cli.client.local_stack import find_local_stack
    from cli.client.operations import Client

    stack = find_local_stack()
    use(stack.settings(), stack.session)
    say(f"book: local ({stack.api})")
    return Client()


def _deployed(stage: str) -> Client:
    from chalicelib.aws.session import use
    from cli.client.operations import Client

    if not _STAGE.fullmatch(stage):
        raise click.BadParameter(
            f"must be `local` or a stage (lower-case letters, digits and dashes), got {stage!r}", param_hint="--book"
        )
    say(f"book: {stage} ({find_stage(stage)})")
    settings = stage_settings(stage)
    use(settings)
    return Client(before_import=lambda: use(with_bucket_and_topic(settings)))


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
