"""Settings from the environment; nothing else in `chalicelib` reads it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from chalicelib.common.once import on_reset, once

_ROOT = Path(__file__).resolve().parents[1]
DEFAULT_FEEDS = _ROOT / "feeds.toml"
LOCAL_ACCOUNT = "000000000000"
_chosen: list[Settings] = []
on_reset(_chosen.clear)


class Settings(NamedTuple):
    stage: str
    bucket: str
    notices_topic: str  # an ARN
    reports_topic: str  # an ARN
    mail_from: str | None  # without it SES sends no morning mail
    mail_to: tuple[str, ...]
    bad_rows: int  # a file that exceeds both this and the next limit is rejected
    bad_share_percent: int
    harmless_columns: frozenset[str]  # their cells may differ from the trade's fields
    price_limit_eur: int  # EUR/MWh on either side of zero; beyond it a trade gets a warning
    quantity_limit_mw: int
    allowed_origins: frozenset[str]  # whose pages may use the API from a browser
    mappings: Path  # the folder of the mapping files
    feeds: Path  # the file of feeds; only the default may be absent
    on_lambda: bool

    def table(self, name: str) -> str:
        return f"voltbook-{self.stage}-{name}"


@once
def settings() -> Settings:
    """Return the chosen settings, else those of the environment."""
    return _chosen[0] if _chosen else read_settings()


def choose(chosen: Settings) -> None:
    """Use these settings instead of the environment's until the next reset."""
    _chosen.append(chosen)


def read_settings(variables: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; the defaults are those of the local stack."""
    stage = variables.get("VOLTBOOK_STAGE", "local")
    topic = f"arn:aws:sns:eu-central-1:{LOCAL_ACCOUNT}:voltbook-{stage}"
    return Settings(
        stage=stage,
        bucket=variables.get("VOLTBOOK_BUCKET", f"voltbook-{stage}-daily-files-{LOCAL_ACCOUNT}"),
        notices_topic=variables.get("VOLTBOOK_NOTICES_TOPIC", f"{topic}-notices"),
        bad_rows=int(variables.get("VOLTBOOK_MAX_BAD_ROWS", "10")),
        bad_share_percent=int(variables.get("VOLTBOOK_MAX_BAD_PERCENT", "1")),
        harmless_columns=frozenset(_listed(variables, "VOLTBOOK_HARMLESS_COLUMNS")),
        price_limit_eur=int(variables.get("VOLTBOOK_PRICE_LIMIT_EUR", "9999")),
        quantity_limit_mw=int(variables.get("VOLTBOOK_QUANTITY_LIMIT_MW", "999")),
        reports_topic=variables.get("VOLTBOOK_REPORTS_TOPIC", f"{topic}-reports"),
        mail_from=variables.get("VOLTBOOK_MAIL_FROM", "").strip() or None,
        mail_to=tuple(_listed(variables, "VOLTBOOK_MAIL_TO")),
        allowed_origins=frozenset(_listed(variables, "VOLTBOOK_ALLOWED_ORIGINS")),
        mappings=Path(variables.get("VOLTBOOK_MAPPINGS", "") or _ROOT / "mappings"),
        feeds=Path(variables.get("VOLTBOOK_FEEDS", "") or DEFAULT_FEEDS),
        on_lambda="AWS_LAMBDA_FUNCTION_NAME" in variables,
    )


def trace_id(variables: Mapping[str, str] = os.environ) -> str | None:
    """Return the id of the X-Ray trace of this invocation, which Lambda sets for each one."""
    return variables.get("_X_AMZN_TRACE_ID", "").partition(";")[0].removeprefix("Root=") or None


def _listed(variables: Mapping[str, str], name: str) -> list[str]:
    return [item.strip() for item in variables.get(name, "").split(",") if item.strip()]
