"""The root folder of this working copy, which deployment and the local stack read their files from."""

from __future__ import annotations

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
