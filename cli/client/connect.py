"""Opens the chosen book: the local stack's, a deployed stage's, or one behind an API; its name goes to stderr."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click

from cli.profiles import ConnectionOptions, resolve
from cli.terminal import say

if TYPE_CHECKING:
    from cli.client.operations import Client

LOCAL: Final = "local"
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
    from cli.client.stage import find_stage, stage_settings, with_bucket_and_topic

    if not _STAGE.fullmatch(stage):
        raise click.BadParameter(
            f"must be `local` or a stage (lower-case letters, digits and dashes), got {stage!r}", param_hint="--book"
        )
    say(f"book: {stage} ({find_stage(stage)})")
    settings = stage_settings(stage)
    use(settings)
    return Client(before_import=lambda: use(with_bucket_and_topic(settings)))
