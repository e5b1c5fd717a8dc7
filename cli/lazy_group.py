"""Commands whose help opens with examples, and groups that import a command only when it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import click


class Exampled(click.Command):
    """A command whose help shows `examples` after its first sentence."""

    examples: tuple[str, ...] = ()

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
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
    def made(function: Callable[..., Any]) -> Exampled:
        exampled = click.command(name, cls=Exampled)(function)
        exampled.examples = examples
        return exampled

    return made


class LazyGroup(Exampled, click.Group):
    """Imports a command only when it runs. `lazy` maps its name to its place (`module:attribute`) and its help line."""

    lazy: Mapping[str, tuple[str, str]] = {}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(self.lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        if cmd_name not in self.lazy:
            return None
        module, attribute = self.lazy[cmd_name][0].split(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self.lazy.items()])


def group(
    *examples: str,
    commands: Mapping[str, tuple[str, str]],
    cls: type[LazyGroup] = LazyGroup,
    **settings: Any,  # noqa: ANN401 - passed on
) -> Callable[[Callable[..., Any]], LazyGroup]:
    """Return a decorator that makes a function a group of `commands`, see `LazyGroup.lazy`."""

    def made(function: Callable[..., Any]) -> LazyGroup:
        lazy_group = click.group(cls=cls, **settings)(function)
        lazy_group.examples, lazy_group.lazy = examples, commands
        return lazy_group

    return made


def _write_examples(examples: tuple[str, ...], formatter: click.HelpFormatter) -> None:
    # Not wrapped: an example must work when it is copied.
    if examples:
        formatter.write_paragraph()
    for example in examples:
        for line in example.split("\n"):
            formatter.write(f"  {line}\n")
