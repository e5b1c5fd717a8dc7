"""The settings of this process, from the environment; the only reader of it."""

from __future__ import annotations

import os
from dataclasses import dataclass

NOBODY = "000000000000"
"""The account of the local stack."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`stage` names the tables (`voltbook-{stage}-trades`), `bucket` is where the exchange puts its files.

    `notices_topic` is the ARN of the SNS topic. A file with more bad rows than both limits is rejected.
    """

    stage: str
    bucket: str
    notices_topic: str
    bad_rows: int
    bad_share_percent: int

    def table(self, name: str) -> str:
        """The name of a table in this stage."""
        return f"voltbook-{self.stage}-{name}"


def read_settings() -> Settings:
    """Read them anew; what is not set is that of the local stack."""
    stage = os.environ.get("VOLTBOOK_STAGE", "local")
    topic = f"arn:aws:sns:eu-central-1:{NOBODY}:voltbook-{stage}-notices"
    return Settings(
        stage=stage,
        bucket=os.environ.get("VOLTBOOK_BUCKET", f"voltbook-{stage}-daily-files-{NOBODY}"),
        notices_topic=os.environ.get("VOLTBOOK_NOTICES_TOPIC", topic),
        bad_rows=int(os.environ.get("VOLTBOOK_MAX_BAD_ROWS", "10")),
        bad_share_percent=int(os.environ.get("VOLTBOOK_MAX_BAD_PERCENT", "1")),
    )
