"""The mutants that no test can notice, each with the reason."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Final

LISTED: Final = Path(__file__).with_name("equivalent_mutants.toml")


def equivalent_mutants() -> dict[str, str]:
    """Return the reasons by the names of the mutants."""
    listed = tomllib.loads(LISTED.read_text("utf-8")).items()
    return {f"{place}: {change}": reason for place, changes in listed for change, reason in changes.items()}
