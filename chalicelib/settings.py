"""The settings of this process, from the environment; the only reader of it."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """`stage` names the tables (`voltbook-{stage}-trades`), `bucket` is where the exchange puts its files."""

    stage: str
    bucket: str

    def table(self, name: str) -> str:
        """The name of a table in this stage."""
        return f"voltbook-{self.stage}-{name}"


def read_settings() -> Settings:
    """Read them anew; what is not set is that of the local stack."""
    stage = os.environ.get("VOLTBOOK_STAGE", "local")
    return Settings(stage=stage, bucket=os.environ.get("VOLTBOOK_BUCKET", f"voltbook-{stage}-daily-files-000000000000"))
