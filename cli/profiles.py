"""Profiles: default book, login, trader and format, from one TOML file and from VOLTBOOK_* variables.

An option takes precedence over a variable, and a variable over the file. The file holds neither passwords nor keys:
editors and backups read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, NamedTuple

import click

from cli.environment import variable

FORMATS: Final = ("table", "json", "csv")
_EXAMPLE: Final = '[profiles.prod] with api = "https://..." and user = "anna"'


class ConnectionOptions(SimpleNamespace):
    """The options that choose the book, as given before or after the command."""

    profile: str | None = None
    book: str | None = None
    api: str | None = None
    user: str | None = None
    key_file: str | None = None
    debug: bool = False


class Profile(NamedTuple):
    book: str | None = None
    api: str | None = None
    user: str | None = None
    trader: str | None = None
    output: str | None = None
    key_file: str | None = None


KEYS: Final = Profile._fields
COLUMNS: Final = ("name", "default", *KEYS)


class Profiles(NamedTuple):
    """The content of the file; `default` names the profile to use unless another is chosen."""

    path: Path
    default: str | None
    by_name: Mapping[str, Profile]

    def named(self, name: str) -> Profile:
        if name in self.by_name:
            return self.by_name[name]
        names = f"it has {', '.join(sorted(self.by_name))}" if self.by_name else f"it has none; write one: {_EXAMPLE}"
        raise click.UsageError(f"no profile {name!r} in {self.path}: {names}")

    def rows(self) -> list[dict[str, Any]]:
        return [
            {"name": name, "default": name == self.default, **each._asdict()} for name, each in self.by_name.items()
        ]


def config_path() -> Path:
    """Return the path of the file, which may not exist (XDG Base Directory: relative folders are ignored)."""
    folder = Path(variable("XDG_CONFIG_HOME") or "")
    return (folder if folder.is_absolute() else Path.home() / ".config") / "voltbook" / "config.toml"


def read_profiles() -> Profiles:
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


def resolved() -> Profile:
    """Return the values for the command that runs."""
    context = click.get_current_context(silent=True)
    connection = context.find_object(ConnectionOptions) if context else None
    return resolve(connection or ConnectionOptions())


def resolve(connection: ConnectionOptions) -> Profile:
    """Return the values for this command line: from options, else from variables, else from the profile."""
    file = _profile(connection)
    given = Profile(*(variable(f"VOLTBOOK_{key.upper()}") for key in KEYS))
    if given.output not in {None, *FORMATS}:
        raise click.UsageError(_not_a_format("VOLTBOOK_OUTPUT", given.output))
    # Book and API come from the same source: an option's book must not be looked up at the file's API.
    places = ((source.book, source.api) for source in (connection, given, file))
    book, api = next((place for place in places if place != (None, None)), (None, None))
    if book is not None and api is not None:
        raise click.UsageError("--book and --api exclude each other: give one of them")
    logins = ((source.user, source.key_file) for source in (connection, given, file))
    user, key_file = next((login for login in logins if login != (None, None)), (None, None))
    if connection.user is not None and connection.key_file is not None:
        raise click.UsageError("--user and --key-file exclude each other: a key names its login")
    return Profile(book, api, user, given.trader or file.trader, given.output or file.output, key_file)


def _profile(connection: ConnectionOptions) -> Profile:
    profiles = read_profiles()
    name = connection.profile or variable("VOLTBOOK_PROFILE") or profiles.default
    return profiles.named(name) if name else Profile()


def _profiles(path: Path, content: Mapping[str, Any]) -> Profiles:
    _check_keys("", content, ("default", "profiles"))
    profiles = content.get("profiles", {})
    if not isinstance(profiles, dict) or not all(isinstance(values, dict) for values in profiles.values()):
        raise TypeError(f"profiles must be tables such as {_EXAMPLE}")
    by_name = {name: _parsed(f"profiles.{name}", values, path.parent) for name, values in profiles.items()}
    default = content.get("default")
    if default is not None and default not in by_name:
        raise ValueError(f"default must be the name of a profile, got {default!r}")
    return Profiles(path, default, by_name)


def _parsed(where: str, values: Mapping[str, Any], folder: Path) -> Profile:
    _check_keys(f"{where}.", values, KEYS)
    for key, value in values.items():
        if not isinstance(value, str) or not value:
            raise ValueError(f"{where}.{key} must be text, got {value!r}")
    if "book" in values and "api" in values:
        raise ValueError(f"{where}: book and api exclude each other: give one of them")
    if "user" in values and "key_file" in values:
        raise ValueError(f"{where}: user and key_file exclude each other: a key names its login")
    if values.get("output", "table") not in FORMATS:
        raise ValueError(_not_a_format(f"{where}.output", values["output"]))
    profile = Profile(**values)
    if profile.key_file is None:
        return profile
    return profile._replace(key_file=str(folder / Path(profile.key_file).expanduser()))


def _check_keys(where: str, content: Mapping[str, Any], keys: tuple[str, ...]) -> None:
    for key in content:
        if "password" in key.lower():
            raise ValueError(
                f"{where}{key}: a password does not belong in this file. Remove it, change it, and store it in "
                "the system's keyring (voltbook profiles set-password NAME) or in VOLTBOOK_PASSWORD"
            )
        if key.lower() in {"key", "api_key", "token", "secret"}:
            raise ValueError(
                f"{where}{key}: a key does not belong in this file. Remove it, revoke it, and store another in the "
                "system's keyring (voltbook profiles set-key NAME) or in a file of its own, named by key_file"
            )
        if key not in keys:
            raise ValueError(f"{where}{key}: unknown key; expected: {', '.join(keys)}")


def _not_a_format(where: str, given: object) -> str:
    return f"{where} must be one of {', '.join(FORMATS)}, got {given!r}"
