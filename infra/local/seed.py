"""What a new book on this machine begins with, once: the demo logins and the samples."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chalicelib.access import bootstrap as access_bootstrap
from chalicelib.access.identity import Role
from chalicelib.access.service import add_demo_user, demo_password
from chalicelib.common.errors import AlreadyExists
from chalicelib.feeds.feed import file_day_of
from infra import ROOT
from infra.local.s3_events import Delivery, Handled

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

SAMPLES = ROOT / "samples"
SAMPLE_TRADER = "trader_1"
SAMPLE_DAY = "2026-06-15"
_MARKER = "first-start-done"
_IMPORT_TIMEOUT_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Login:
    name: str
    role: Role
    trader_id: str | None = None

    @property
    def password(self) -> str:
        return demo_password(self.name)


DEMO_LOGINS = (
    Login("admin", Role.ADMIN),
    Login("desk", Role.DESK),
    Login("trader_1", Role.TRADER, "trader_1"),
    Login("trader_2", Role.TRADER, "trader_2"),
)


def is_needed(data_dir: Path) -> bool:
    return not (data_dir / _MARKER).exists()


def require(data_dir: Path) -> None:
    """Load the seed again: the tables are new, so what an earlier start loaded is gone."""
    (data_dir / _MARKER).unlink(missing_ok=True)


def mark_done(data_dir: Path) -> None:
    """Mark the seed as loaded. Call this last, so that an interrupted start loads it again."""
    (data_dir / _MARKER).touch()


def add_demo_logins() -> None:
    for login in DEMO_LOGINS:
        with contextlib.suppress(AlreadyExists):
            add_demo_user(
                login.name, login.role, login.trader_id, access_bootstrap.directory(), access_bootstrap.passwords()
            )


def summary() -> str:
    days = sorted(day for sample in _samples() if (day := file_day_of(sample.name)))
    return f"Loaded {len(days)} sample files ({days[0]} to {days[-1]}), and the reference prices of these days"


def load_samples(s3: S3Client, bucket: str, handled: Handled) -> bool:
    deliveries: set[Delivery] = set()
    for sample in _samples():
        etag = s3.put_object(Bucket=bucket, Key=sample.name, Body=sample.read_bytes())["ETag"]
        deliveries.add((sample.name, etag.strip('"')))
    return handled.wait_for(deliveries, _IMPORT_TIMEOUT_SECONDS)


def _samples() -> list[Path]:
    return sorted([*SAMPLES.glob("epex_trades_*.csv"), *SAMPLES.glob("reference_prices_*.csv")])
