"""Profiles: default book, login, trader and format, from one TOML file and from VOLTBOOK_* variables.

An option takes precedence over a variable, and a variable over the file. The file holds no passwords: editors and
backups read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import click

from cli.environment import variable

FORMATS: Final = ("table", "json", "csv")
REPORT_FORMATS: Final = (*FORMATS, "xlsx", "parquet")
KEYS: Final = ("book", "api", "user", "trader", "output")
COLUMNS: Final = ("name", "default", *KEYS)
_VARIABLES: Final = {
    "book": "VOLTBOOK_BOOK",
    "api": "VOLTBOOK_API",
    "user": "VOLTBOOK_USER",
    "trader": "VOLTBOOK_TRADER",
    "output": "VOLTBOOK_OUTPUT",
}
_EXAMPLE: Final = '[profiles.prod] with api = "https://..." and user = "anna"'


@dataclass(slots=True)
class ConnectionOptions:
    """The options that choose the book, filled in while click reads the command line."""

    profile: str | None = None
    book: str | None = None
    api: str | None = None
    user: str | None = None
    debug: bool = False
    user_is_option: bool = False
    """Whether the login was given as an option, not only by a variable."""


@dataclass(frozen=True, slots=True)
class Profile:
    book: str | None = None
    api: str | None = None
    user: str | None = None
    trader: str | None = None
    output: str | None = None


@dataclass(frozen=True, slots=True)
class Profiles:
    """The content of the file; `default` names the profile to use unless another is chosen."""

    path: Path
    default: str | None
    held: Mapping[str, Profile]

    def named(self, name: str) -> Profile:
        if name in self.held:
            return self.held[name]
        there = f"it has {', '.join(sorted(self.held))}" if self.held else f"it has none; write one: {_EXAMPLE}"
        raise click.UsageError(f"no profile {name!r} in {self.path}: {there}")

    def rows(self) -> list[dict[str, Any]]:
        return [
            {"name": name, "default": name == self.default, **asdict(profile)} for name, profile in self.held.items()
        ]


def config_path() -> Path:
    """Return the path of the file, whether it exists or not (XDG Base Directory: relative folders are ignored)."""
    folder = Path(variable("XDG_CONFIG_HOME") or "")
    return (folder if folder.is_absolute() else Path.home() / ".config") / "voltbook" / "config.toml"


def read_profiles() -> Profiles:
    """Read the file; raises UsageError if it cannot be read or is not valid."""
    path = config_path()
    try:
        text = path.read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return Profiles(path, None, {})
    except (OSError, ValueError) as error:
        raise click.UsageError(f"{path} cannot be read: {error}") from error
    import tomllib

    try:
        return _profiles(path, tomllib.loads(text))
    except (TypeError, ValueError) as error:
        raise click.UsageError(f"{path}: {error}") from error


def resolve(connection: ConnectionOptions) -> Profile:
    """Return the values for this command line: from options, else from variables, else from the profile."""
    file = _profile(connection)
    given = {key: variable(name) for key, name in _VARIABLES.items()}
    if given["output"] not in {None, *FORMATS}:
        raise click.UsageError(_not_a_format("VOLTBOOK_OUTPUT", given["output"]))
    book, api = _place((connection.book, connection.api), (given["book"], given["api"]), (file.book, file.api))
    return Profile(
        book,
        api,
        connection.user or given["user"] or file.user,
        given["trader"] or file.trader,
        given["output"] or file.output,
    )


def _profile(connection: ConnectionOptions) -> Profile:
    name = connection.profile or variable("VOLTBOOK_PROFILE")
    held = read_profiles()
    name = name or held.default
    return held.named(name) if name else Profile()


def _place(*given: tuple[str | None, str | None]) -> tuple[str | None, str | None]:
    # Book and API come from the same source: an option's book must not be sought at the file's API.
    book, api = next((one for one in given if one != (None, None)), (None, None))
    if book is not None and api is not None:
        raise click.UsageError("--book and --api exclude each other: give one of them")
    return book, api


def _profiles(path: Path, held: Mapping[str, Any]) -> Profiles:
    _known("", held, ("default", "profiles"))
    profiles = held.get("profiles", {})
    if not isinstance(profiles, dict):
        raise TypeError(f"profiles must be tables such as {_EXAMPLE}")
    read = {name: _one(f"profiles.{name}", values) for name, values in profiles.items()}
    default = held.get("default")
    if default is not None and default not in read:
        raise ValueError(f"default must be the name of a profile, got {default!r}")
    return Profiles(path, default, read)


def _one(where: str, values: object) -> Profile:
    if not isinstance(values, dict):
        raise TypeError(f"{where} must be a table such as {_EXAMPLE}")
    _known(f"{where}.", values, KEYS)
    for key, value in values.items():
        if not isinstance(value, str) or not value:
            raise ValueError(f"{where}.{key} must be text, got {value!r}")
    if "book" in values and "api" in values:
        raise ValueError(f"{where}: book and api exclude each other: give one of them")
    if values.get("output", "table") not in FORMATS:
        raise ValueError(_not_a_format(f"{where}.output", values["output"]))
    return Profile(**values)


def _known(where: str, held: Mapping[str, Any], keys: tuple[str, ...]) -> None:
    for key in held:
        if "password" in key.lower():
            raise ValueError(
                f"{where}{key}: a password does not belong in this file. Remove it, change it, and store it in "
                "the system's keyring (voltbook profiles set-password NAME) or in VOLTBOOK_PASSWORD"
            )
        if key not in keys:
            raise ValueError(f"{where}{key}: unknown key; expected: {', '.join(keys)}")


def _not_a_format(where: str, given: object) -> str:
    return f"{where} must be one of {', '.join(FORMATS)}, got {given!r}"
