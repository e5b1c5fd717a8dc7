"""`voltbook completion`: what makes a shell complete commands and options with the tab key."""

from __future__ import annotations

import click

from cli.lazy_group import command


@command(
    "completion",
    "voltbook completion bash > ~/.local/share/bash-completion/completions/voltbook",
    "voltbook completion fish > ~/.config/fish/completions/voltbook.fish",
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> int:
    """Print the script that completes voltbook in SHELL.

    bash (with bash-completion) and fish find these files by themselves in a new
    terminal. For zsh put it into a folder of $fpath under the name _voltbook, or
    this into ~/.zshrc after compinit: eval "$(voltbook completion zsh)"
    """
    from click.shell_completion import get_completion_class

    from cli.output.listing import write

    completes = get_completion_class(shell)
    if completes is None:
        raise click.UsageError(f"{shell} is not known")
    name = "voltbook"
    # The variable is the one that click looks for when it is started.
    write(f"{completes(ctx.find_root().command, {}, name, f'_{name.upper()}_COMPLETE').source()}\n")
    return 0
