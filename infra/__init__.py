"""What packages and deploys Voltbook, and the same stack on one machine."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
"""The root folder of this working copy."""
