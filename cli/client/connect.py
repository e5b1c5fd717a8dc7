"""Opens the chosen book: the local stack's, a deployed stage's, or one behind an API; its name goes to stderr."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from chalicelib.common.errors import NotAllowed
from chalicelib.settings import Settings, read_settings
from cli.environment import variable, variables
from cli.exit_codes import NotThere
from cli.profiles import ConnectionOptions, Profile, resolve
from cli.terminal import say

if TYPE_CHECKING:
    from botocore.session import Session

    from cli.client.login import Login
    from cli.client.operations import Client

LOCAL: Final = "local"
_OF_ONE_STAGE: Final = ("VOLTBOOK_BUCKET", "VOLTBOOK_NOTICES_TOPIC")
_STAGE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,19}", re.ASCII)


@contextmanager
def opened(connection: ConnectionOptions) -> Iterator[Client]:
    place = resolve(connection)
    if place.api is not None:
        with _over_http(place.api, connection, place) as book:
            yield book
        return
    if connection.user is not None or connection.key_file is not None:
        raise click.UsageError(f"{'--user' if connection.user is not None else '--key-file'} requires --api")
    name = LOCAL if place.book is None else place.book
    yield _local() if name == LOCAL else _deployed(name)


def open_book() -> Client:
    """Open the book that the command line chooses, until the command ends."""
    context = click.get_current_context()
    return context.with_resource(opened(context.ensure_object(ConnectionOptions)))


def over_api() -> bool:
    """Check whether the command line chooses a book behind an API."""
    return resolve(click.get_current_context().ensure_object(ConnectionOptions)).api is not None


@contextmanager
def _over_http(address: str, connection: ConnectionOptions, place: Profile) -> Iterator[Client]:
    from cli.client.http_client import HttpApi, base_of, connected
    from cli.client.operations import Client

    login = _login(base_of(address), connection, place)
    say(f"book: {login.api} {login.label}")
    # A password is asked for with the first request: what HTTP does not offer is refused without one.
    with connected(login) as session:
        yield Client(HttpApi(login, session), login=login)


def _login(api: str, connection: ConnectionOptions, place: Profile) -> Login:
    """Return the login: an option takes precedence over a variable, and a variable over the profile."""
    from cli.client.login import Login, login_of
    from cli.keys import read_key, require_key

    by_option = connection.user is not None or connection.key_file is not None
    key = None if by_option else variable("VOLTBOOK_KEY")
    if key is not None:
        key = require_key(key, "VOLTBOOK_KEY")
    elif place.key_file is not None:
        key = read_key(Path(place.key_file))
    if key is not None:
        return Login(api, None, lambda: key)
    if place.user is None:
        message = "--api needs a login: add --user NAME or --key-file FILE, or set VOLTBOOK_USER or VOLTBOOK_KEY"
        raise click.UsageError(message)
    return login_of(api, place.user)


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
    session = signed_in(stage)
    say(f"book: {stage} ({place_of(session)})")
    settings = stage_settings(stage)
    # One session for all services: a role is assumed once, and a code for it asked for once.
    use(settings, lambda: session)
    return Client(before_import=lambda: use(with_bucket_and_topic(settings, session), lambda: session))


def stage_settings(stage: str) -> Settings:
    """Return the settings of a stage; its bucket and topic are missing until the account is known."""
    # If they name another stage's, its files would be imported, and it would get this stage's notices.
    shared = {name: value for name, value in variables().items() if name not in _OF_ONE_STAGE}
    return read_settings({**shared, "VOLTBOOK_STAGE": stage})


def signed_in(stage: str) -> Session:
    """Return a session with the operator's credentials. Raises NotThere without them or a region, and NotAllowed."""
    from botocore.session import get_session

    session = get_session()
    with _aws_errors(stage, "the AWS credentials for {stage} cannot be read (single sign-on needs `aws sso login`)"):
        credentials = session.get_credentials()
        if credentials is None:
            message = f"no AWS credentials for {stage}: set AWS_PROFILE, or log in with `aws sso login`"
            raise NotThere(message)
        credentials.get_frozen_credentials()  # assumes the profile's role, or fails here and not in the first request
        region = session.get_config_variable("region")
    if region is None:
        raise NotThere(f"no AWS region is set for {stage}: set AWS_DEFAULT_REGION or AWS_PROFILE")
    return session


def place_of(session: Session) -> str:
    """Return the endpoint or region of a session for display."""
    return variable("AWS_ENDPOINT_URL") or f"AWS {session.get_config_variable('region')}"


def with_bucket_and_topic(settings: Settings, session: Session) -> Settings:
    """Return the settings with the names that hold the number of the stage's account."""
    stage = settings.stage
    with _aws_errors(stage, "AWS cannot be reached for {stage}"):
        sts: Any = session.create_client("sts")
        partition, account = _account(sts.get_caller_identity()["Arn"])
    topic = f"arn:{partition}:sns:{sts.meta.region_name}:{account}:voltbook-{stage}"
    return settings._replace(
        bucket=f"voltbook-{stage}-daily-files-{account}",
        notices_topic=f"{topic}-notices",
        reports_topic=f"{topic}-reports",
    )


@contextmanager
def _aws_errors(stage: str, failure: str) -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise NotAllowed(f"AWS does not accept these credentials for {stage}: {error}") from error
    except BotoCoreError as error:
        raise NotThere(f"{failure.format(stage=stage)}: {error}") from error


def _account(arn: str) -> tuple[str, str]:
    parts = arn.split(":")
    return parts[1], parts[4]
