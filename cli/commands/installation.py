"""`voltbook version`, `completion`, `env` and `profiles`: what is installed and set up on this machine."""

from __future__ import annotations

import platform
import shlex
from importlib import metadata

import click

from cli.client.local_stack import find_local_stack
from cli.environment import variables
from cli.keys import require_key
from cli.lazy_group import command, group
from cli.options import output_options, which_book
from cli.output.listing import write, write_listing
from cli.passwords import ask, delete_password, store_password
from cli.profiles import COLUMNS, read_profiles
from cli.render.listings import profiles_table
from cli.terminal import say


@command("version", "voltbook version", "voltbook version -o json")
@output_options()
@which_book
def version(output: str | None) -> None:
    """Show the versions of Voltbook and Python.

    Prints one line, also when piped, unless -o is given.
    """
    row = {"voltbook": _installed(), "python": platform.python_version()}
    line = f"voltbook {row['voltbook']}, Python {row['python']}"
    write_listing(tuple(row), [row], lambda _rows: line, output or "table")


def _installed() -> str:
    try:
        return metadata.version("voltbook")
    except metadata.PackageNotFoundError:
        return "not installed"


@command(
    "completion",
    "voltbook completion bash > ~/.local/share/bash-completion/completions/voltbook",
    "voltbook completion fish > ~/.config/fish/completions/voltbook.fish",
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script for SHELL.

    bash (with bash-completion) and fish load these files in a new terminal. For zsh, save the script as _voltbook in a
    folder of $fpath, or add this line to ~/.zshrc after compinit: eval "$(voltbook completion zsh)"
    """
    from click.shell_completion import get_completion_class

    completes = get_completion_class(shell)
    if completes is None:
        raise click.UsageError(f"unknown shell: {shell}")
    name = "voltbook"
    # click looks for this variable when it starts.
    write(f"{completes(ctx.find_root().command, {}, name, f'_{name.upper()}_COMPLETE').source()}\n")


@command("env", "voltbook env", "voltbook env > local.env")
def env() -> None:
    """Print the variables of the running local stack, as exports for a shell.

    With them boto3, the AWS CLI and `chalice local --stage local` use the engines of `make up`: eval "$(voltbook env)".
    Your own AWS variables are unset, so that nothing reaches an account.
    """
    stack = find_local_stack().variables
    own = [name for name in sorted(variables()) if name.startswith("AWS_") and name.isidentifier()]
    unset = [f"unset {' '.join(own)}"] if own else []
    write("\n".join([*unset, *(f"export {name}={shlex.quote(value)}" for name, value in stack.items()), ""]))


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
      user = "anna"                      # or key_file = "FILE"
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
    store_password(api, user, ask(f"password of {user}", "VOLTBOOK_PASSWORD"))
    say(f"the password of {user} at {api} is in the keyring")


@command("set-key", "voltbook profiles set-key prod", "voltbook profiles set-key test", of=profiles)
@click.argument("name")
def set_key(name: str) -> None:
    """Store an API key of a profile's login in the system's keyring, in place of its password.

    It is asked for, or taken from VOLTBOOK_KEY. It is not checked.
    """
    api, user = _login(name)
    store_password(api, user, require_key(ask(f"key of {user}", "VOLTBOOK_KEY"), "what was given"))
    say(f"the key of {user} at {api} is in the keyring")


@command(
    "forget-password", "voltbook profiles forget-password prod", "voltbook profiles forget-password test", of=profiles
)
@click.argument("name")
def forget_password(name: str) -> None:
    """Delete the password or the key of a profile's login from the system's keyring."""
    api, user = _login(name)
    was = "is no longer" if delete_password(api, user) else "was not"
    say(f"the password of {user} at {api} {was} in the keyring")


def _login(name: str) -> tuple[str, str]:
    from cli.client.http_client import base_of

    profile = read_profiles().named(name)
    if profile.api is None or profile.user is None:
        raise click.UsageError(f"profile {name!r} needs an api and a user")
    return base_of(profile.api), profile.user
