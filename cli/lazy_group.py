"""Commands whose help opens with examples, and a group that imports a command only when it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from inspect import cleandoc
from typing import Any, Final, TypeVar

import click

_WHOLE_SENTENCE: Final = 200


class Exampled(click.Command):
    examples: tuple[str, ...] = ()


class Group(Exampled, click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the order of the module."""
        return list(self.commands)

    def help_lines(self) -> list[tuple[str, str]]:
        return [(name, command.get_short_help_str(_WHOLE_SENTENCE)) for name, command in self.commands.items()]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        with formatter.section("Commands"):
            formatter.write_dl(self.help_lines())


class LazyGroup(Group):
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

    def help_lines(self) -> list[tuple[str, str]]:
        return [(name, line) for name, (_, line) in self.lazy.items()]


C = TypeVar("C", bound=Exampled)


def exampled(kind: type[C], name: str, examples: tuple[str, ...], **settings: Any) -> Callable[..., C]:  # noqa: ANN401 - passed on
    """Return a decorator that makes a function a command whose help shows `examples` after its first paragraph."""

    def made(function: Callable[..., Any]) -> C:
        first, _, rest = cleandoc(function.__doc__ or "").partition("\n\n")
        # Lines after \b are not wrapped: an example must work when it is copied.
        text = "\n".join([first, "\n\b", *examples, "", rest]).replace(r"\b", "\b")
        command = click.command(name, cls=kind, help=text, **settings)(function)
        command.examples = examples
        return command

    return made


def command(name: str, *examples: str, of: Group | None = None) -> Callable[[Callable[..., Any]], Exampled]:
    """Return a decorator that makes a function a command, of a group if one is given."""

    def made(function: Callable[..., Any]) -> Exampled:
        command = exampled(Exampled, name, examples)(function)
        if of is not None:
            of.add_command(command)
        return command

    return made


def group(name: str, *examples: str) -> Callable[..., Group]:
    return exampled(Group, name, examples)
