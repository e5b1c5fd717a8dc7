"""What the operator can set: PORT, LISTEN, DATA_DIR and INBOX, read once; the only reader of the environment here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEFAULT_PORT = 8000
DEFAULT_DATA_DIR = ".voltbook"
LOOPBACK = "127.0.0.1"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - asked for by name, as a container must
_HIGHEST_PORT = 65535


class WrongSetting(Exception):
    """A variable that cannot be used; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the local stack listens and keeps its data; port 0 is any free one."""

    port: int
    data_dir: Path
    inbox: Path
    listen: str = LOOPBACK

    @property
    def logs(self) -> Path:
        return self.data_dir / "logs"

    @property
    def notices(self) -> Path:
        """What the desk was told, each notice a block."""
        return self.data_dir / "notices.log"

    @property
    def reports(self) -> Path:
        """The morning mails, each a block."""
        return self.data_dir / "reports.log"


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Reads the variables, an empty one like an absent one; raises WrongSetting."""
    data_dir = Path(environment.get("DATA_DIR") or DEFAULT_DATA_DIR).expanduser().resolve()
    inbox = Path(environment.get("INBOX") or data_dir / "inbox").expanduser().resolve()
    port = _port(environment.get("PORT") or str(DEFAULT_PORT))
    return Settings(port, data_dir, inbox, _listen(environment.get("LISTEN") or LOOPBACK))


def make_folder(variable: str, folder: Path) -> None:
    """Makes the folder that a variable names, where it is not there; raises WrongSetting."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WrongSetting(f"{variable}: the folder {folder} cannot be made: {error.strerror}") from error


def _listen(text: str) -> str:
    if text not in {LOOPBACK, EVERYWHERE}:
        raise WrongSetting(f"LISTEN must be {LOOPBACK}, or {EVERYWHERE} within a container, got {text[:20]!r}")
    return text


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) <= _HIGHEST_PORT):
        raise WrongSetting(f"PORT must be a number from 0 to {_HIGHEST_PORT}, got {text[:20]!r}")
    return int(text)
