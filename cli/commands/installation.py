"""`voltbook version` and `voltbook completion`: what is installed, and the completion of commands in a shell."""

from __future__ import annotations

import platform
from importlib import metadata

import click

from cli.lazy_group import command
from cli.options import output_options, which_book
from cli.output.listing import write, write_listing


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

    bash (with bash-completion) and fish load these files in a new terminal. For
    zsh, save the script as _voltbook in a folder of $fpath, or add this line to
    ~/.zshrc after compinit: eval "$(voltbook completion zsh)"
    """
    from click.shell_completion import get_completion_class

    completes = get_completion_class(shell)
    if completes is None:
        raise click.UsageError(f"unknown shell: {shell}")
    name = "voltbook"
    # click looks for this variable when it starts.
    write(f"{completes(ctx.find_root().command, {}, name, f'_{name.upper()}_COMPLETE').source()}\n")
