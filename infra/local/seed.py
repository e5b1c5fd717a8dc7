"""What a new book on this machine begins with, once: demo logins and samples, or the first admin."""

from __future__ import annotations

import contextlib
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chalicelib.access import bootstrap as access_bootstrap
from chalicelib.access.identity import Role
from chalicelib.access.service import add_demo_user, add_first_admin, demo_password
from chalicelib.common.errors import AlreadyExists
from chalicelib.feeds.feed import file_day_of
from infra import ROOT
from infra.local.s3_events import Delivery, Handled
from infra.local.settings import Samples

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

SAMPLES = ROOT / "samples"
SAMPLE_TRADER = "trader_1"
COMMITTED_DAY = "2026-06-15"
FIRST_ADMIN = "admin"
_MARKER = "first-start-done"
_PASSWORD_BYTES = 15
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


def begun_with(data_dir: Path) -> Samples | None:
    """Return what the book began with, None for a new one. Before SAMPLES there were only the committed ones."""
    try:
        return Samples((data_dir / _MARKER).read_text("utf-8") or Samples.COMMITTED)
    except FileNotFoundError:
        return None


def require(data_dir: Path) -> None:
    """Load the seed again: the tables are new, so what an earlier start loaded is gone."""
    (data_dir / _MARKER).unlink(missing_ok=True)


def mark_done(data_dir: Path, samples: Samples) -> None:
    """Mark the seed as loaded. Call this last, so that an interrupted start loads it again."""
    (data_dir / _MARKER).write_text(samples, "utf-8")


def add_demo_logins() -> None:
    for login in DEMO_LOGINS:
        with contextlib.suppress(AlreadyExists):
            add_demo_user(
                login.name, login.role, login.trader_id, access_bootstrap.directory(), access_bootstrap.passwords()
            )


def working_demo_logins() -> list[Login]:
    """Return the demo logins that still have their public password and are not disabled."""
    directory, passwords = access_bootstrap.directory(), access_bootstrap.passwords()
    found = ((login, directory.find(login.name)) for login in DEMO_LOGINS)
    active = ((login, user) for login, user in found if user is not None and not user.disabled)
    return [login for login, user in active if passwords.verify(user.password_hash, login.password)]


def add_admin() -> str | None:
    """Add the first admin to a book without logins. Return the password, which is stored nowhere."""
    if any(access_bootstrap.directory().list()):
        return None
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    add_first_admin(FIRST_ADMIN, password, access_bootstrap.directory(), access_bootstrap.passwords())
    return password


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
