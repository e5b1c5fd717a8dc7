"""`voltbook profiles`: profiles of the configuration file, and their passwords in the system's keyring."""

from __future__ import annotations

import click

from cli.lazy_group import command, group
from cli.options import output_options
from cli.output.listing import write_listing
from cli.passwords import ask, delete_password, store_password
from cli.profiles import COLUMNS, read_profiles
from cli.render.listings import profiles_table
from cli.terminal import say


@group("profiles", "voltbook profiles list", "voltbook profiles set-password prod")
def profiles() -> None:
    r"""Profiles: named defaults for book, login, trader and format.

    They are in voltbook/config.toml in $XDG_CONFIG_HOME (default: ~/.config).
    `--profile NAME` or VOLTBOOK_PROFILE chooses one:

    \b
      default = "home"
      [profiles.home]
      book = "local"
      [profiles.prod]
      api = "https://book.example.com"
      user = "anna"
      trader = "trader_1"
      output = "table"
    """


@command("list", "voltbook profiles list", "voltbook profiles list -o json", of=profiles)
@output_options()
def list_(output: str | None) -> None:
    """List the profiles and the default."""
    file = read_profiles()
    say(f"profiles: {file.path}")
    write_listing(COLUMNS, file.rows(), profiles_table, output)


@command("set-password", "voltbook profiles set-password prod", "voltbook profiles set-password test", of=profiles)
@click.argument("name")
def set_password(name: str) -> None:
    """Store the password of a profile's login in the system's keyring.

    It is asked for, or taken from VOLTBOOK_PASSWORD. It is not checked.
    """
    api, user = _login(name)
    store_password(api, user, ask("password", "VOLTBOOK_PASSWORD"))
    say(f"the password of {user} at {api} is in the keyring")


@command(
    "forget-password", "voltbook profiles forget-password prod", "voltbook profiles forget-password test", of=profiles
)
@click.argument("name")
def forget_password(name: str) -> None:
    """Delete the password of a profile's login from the system's keyring."""
    api, user = _login(name)
    was = "is no longer" if delete_password(api, user) else "was not"
    say(f"the password of {user} at {api} {was} in the keyring")


def _login(name: str) -> tuple[str, str]:
    from cli.client.http_client import base_of

    profile = read_profiles().named(name)
    if profile.api is None or profile.user is None:
        raise click.UsageError(f"profile {name!r} needs an api and a user")
    return base_of(profile.api), profile.user
