"""The mutants that change nothing anybody could notice, each with the reason."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Final

ARGUED: Final = Path(__file__).with_name("argued.toml")


def argued_away() -> dict[str, str]:
    """Give the reasons by the names of the mutants."""
    return {one["mutant"]: one["reason"] for one in tomllib.loads(ARGUED.read_text("utf-8")).get("argued", [])}
