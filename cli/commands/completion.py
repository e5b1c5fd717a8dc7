"""`voltbook completion`: scripts for the completion of commands and options in a shell."""

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
    """Print the completion script for SHELL.

    bash (with bash-completion) and fish load these files in a new terminal. For
    zsh, save the script as _voltbook in a folder of $fpath, or add this line to
    ~/.zshrc after compinit: eval "$(voltbook completion zsh)"
    """
    from click.shell_completion import get_completion_class

    from cli.output.listing import write

    completes = get_completion_class(shell)
    if completes is None:
        raise click.UsageError(f"unknown shell: {shell}")
    name = "voltbook"
    # click looks for this variable when it starts.
    write(f"{completes(ctx.find_root().command, {}, name, f'_{name.upper()}_COMPLETE').source()}\n")
    return 0
