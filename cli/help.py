"""Commands whose help opens with examples that work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click


class Exampled(click.Command):
    """A command that shows `examples` right after its first sentence."""

    examples: tuple[str, ...] = ()

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what it does, how to call it, and then the rest of what there is to know."""
        text, self.help = self.help, None
        first, _, rest = (text or "").partition("\n\n")
        try:
            for part in (first, rest):
                self.help = part
                super().format_help_text(ctx, formatter)
                if part is first:
                    _write_examples(self.examples, formatter)
        finally:
            self.help = text


def command(name: str, *examples: str) -> Callable[[Callable[..., Any]], Exampled]:
    """Make a function a command with examples."""

    def made(function: Callable[..., Any]) -> Exampled:
        exampled = click.command(name, cls=Exampled)(function)
        exampled.examples = examples
        return exampled

    return made


def _write_examples(examples: tuple[str, ...], formatter: click.HelpFormatter) -> None:
    """As they stand: a wrapped example is one that no longer works."""
    if examples:
        formatter.write_paragraph()
    for example in examples:
        for line in example.split("\n"):
            formatter.write(f"  {line}\n")
