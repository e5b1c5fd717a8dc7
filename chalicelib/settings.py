"""The settings of this process, from the environment; the only reader of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.common.once import at_reset, once

NOBODY = "000000000000"
"""The account of the local stack."""
_chosen: list[Settings] = []
at_reset(_chosen.clear)


@dataclass(frozen=True, slots=True)
class Settings:
    """`stage` names the tables (`voltbook-{stage}-trades`), `bucket` is where the exchange puts its files.

    `notices_topic` and `reports_topic` are the ARNs of the SNS topics. A file with more bad rows than both limits is
    rejected. Cells of `harmless_columns` need not repeat what a trade's fields say. A trade beyond the exchange's
    limits (EUR/MWh on either side of zero, MW) has a warning. The morning mail goes from `mail_from` to `mail_to` by
    SES as well where they are set. Standard output is read for lines and metrics `on_lambda` alone.
    """

    stage: str
    bucket: str
    notices_topic: str
    reports_topic: str
    mail_from: str | None
    mail_to: tuple[str, ...]
    bad_rows: int
    bad_share_percent: int
    harmless_columns: frozenset[str]
    price_limit_eur: int
    quantity_limit_mw: int
    on_lambda: bool

    def table(self, name: str) -> str:
        """The name of a table in this stage."""
        return f"voltbook-{self.stage}-{name}"


@once
def settings() -> Settings:
    """Return this process's settings: those chosen, else the environment's, read once."""
    return _chosen[0] if _chosen else read_settings()


def choose(chosen: Settings) -> None:
    """Take these settings in place of the environment's, until everything built is forgotten."""
    _chosen.append(chosen)


def read_settings(variables: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings in the variables; what is not set is that of the local stack."""
    stage = variables.get("VOLTBOOK_STAGE", "local")
    topic = f"arn:aws:sns:eu-central-1:{NOBODY}:voltbook-{stage}"
    return Settings(
        stage=stage,
        bucket=variables.get("VOLTBOOK_BUCKET", f"voltbook-{stage}-daily-files-{NOBODY}"),
        notices_topic=variables.get("VOLTBOOK_NOTICES_TOPIC", f"{topic}-notices"),
        bad_rows=int(variables.get("VOLTBOOK_MAX_BAD_ROWS", "10")),
        bad_share_percent=int(variables.get("VOLTBOOK_MAX_BAD_PERCENT", "1")),
        harmless_columns=frozenset(_listed(variables, "VOLTBOOK_HARMLESS_COLUMNS")),
        price_limit_eur=int(variables.get("VOLTBOOK_PRICE_LIMIT_EUR", "9999")),
        quantity_limit_mw=int(variables.get("VOLTBOOK_QUANTITY_LIMIT_MW", "999")),
        reports_topic=variables.get("VOLTBOOK_REPORTS_TOPIC", f"{topic}-reports"),
        mail_from=variables.get("VOLTBOOK_MAIL_FROM", "").strip() or None,
        mail_to=tuple(_listed(variables, "VOLTBOOK_MAIL_TO")),
        on_lambda="AWS_LAMBDA_FUNCTION_NAME" in variables,
    )


def _listed(variables: Mapping[str, str], name: str) -> list[str]:
    return [one.strip() for one in variables.get(name, "").split(",") if one.strip()]
