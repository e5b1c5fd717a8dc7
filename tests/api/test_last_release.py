"""A book of the last release opens and verifies: its items, its files and what it answered lie in an archive.

When a release is made, its own code writes the next one, and never before:
`RELEASE=write .venv/bin/python -m pytest tests/api/test_last_release.py`
"""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from chalicelib.admin import bootstrap as admin_bootstrap
from chalicelib.admin.dump import export_all, import_all
from chalicelib.admin.integrity_check import BookStores, Proof, verify
from chalicelib.imports.service import import_daily_file
from infra.local.engines import Engine
from tests.api.sample_book import ASKED_AT, CHANGED, WITHDRAWN, Bucket, desk_at, fill, tables
from tests.api.test_recorded_answers import ask_all
from tests.fakes.clock import FakeClock
from tests.fixtures.api import new_gateway, password_of
from tests.fixtures.api_client import Client

ARCHIVE = Path(__file__).with_name("last_release.tar.xz")
PLAIN_DAY, SHORT_DAY, LONG_DAY = date(2026, 6, 16), date(2026, 3, 29), date(2025, 10, 26)
ASKED = (
    "/v1/reports/pnl?start_day=2026-06-13&end_day=2026-06-20",
    "/v1/reports/pnl?start_day=2026-06-13&end_day=2026-06-20&trader_id=trader_1",
    f"/v1/reports/pnl?start_day={SHORT_DAY}",
    f"/v1/reports/pnl?start_day={LONG_DAY}",
    "/v1/reports/scorecard?start_day=2026-06-13&end_day=2026-06-20",
    "/v1/trades?delivery_day=2026-06-20",
    "/v1/trades?delivery_day=2026-06-16",
    "/v1/trades/HTTP-1/history",
    f"/v1/trades/{CHANGED}/history",
    f"/v1/trades/{WITHDRAWN}/history",
    "/v1/files/2026-06-14",
    "/v1/files/2026-06-15",
    "/v1/files/2026-06-16",
    "/v1/files/2026-06-17",
    "/v1/prices?start_day=2025-10-26&end_day=2026-06-20",
    "/v1/me",
)


@dataclass(frozen=True)
class Restored:
    """The book of the last release in the tables of this one."""

    bucket: Bucket
    clock: FakeClock
    client: Client
    answered: dict[str, Any]

    def proof(self) -> Proof:
        desk = desk_at(self.bucket, self.clock)
        return verify(admin_bootstrap.book_scan(), BookStores(desk.receipts, desk.store, desk.book))


@pytest.fixture(scope="module")
def release_archive(durable_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where it lies; it is written only where RELEASE=write asks for it."""
    if os.environ.get("RELEASE") == "write":
        folder = tmp_path_factory.mktemp("release")
        clock = FakeClock()
        bucket = Bucket(clock)
        with tables(durable_engine, "this-release", clock):
            fill(bucket, clock)
            assert list(ask_all(Client(new_gateway())))
            export_all(folder / "book", admin_bootstrap.tables(), silent)
            answers = {target: desk_client().get(target).json for target in ASKED}
        (folder / "answers.json").write_text(json.dumps(answers), "utf-8")
        store(bucket, folder / "bucket")
        with tarfile.open(ARCHIVE, "w:xz", preset=9) as packed:
            for part in ("answers.json", "book", "bucket"):
                packed.add(folder / part, arcname=part, filter=of_nobody)
    return ARCHIVE


@pytest.fixture(scope="module")
def restored(
    release_archive: Path, durable_engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Restored]:
    folder = tmp_path_factory.mktemp("restored")
    with tarfile.open(release_archive) as packed:
        packed.extractall(folder, filter="data")
    clock = FakeClock(ASKED_AT)
    bucket = stored(folder / "bucket", clock)
    with tables(durable_engine, "last-release", clock):
        import_all(folder / "book", admin_bootstrap.tables(), silent, "operator:ida")
        answered = json.loads((folder / "answers.json").read_text("utf-8"))
        yield Restored(bucket, clock, desk_client(), answered)


def test_it_verifies(restored: Restored) -> None:
    proof = restored.proof()
    assert proof.deviations == ()
    assert (proof.trades, proof.files) == (1546, 13)


@pytest.mark.parametrize("target", ASKED)
def test_it_answers_as_it_did(target: str, restored: Restored) -> None:
    answer = restored.client.get(target)
    assert answer.status == 200
    assert differences(restored.answered[target], answer.json) == []


def test_a_day_that_was_complete_and_that_nothing_changed_still_is(restored: Restored) -> None:
    report = restored.client.get("/v1/reports/pnl", start_day=LONG_DAY).json
    assert report["completeness"]["state"] == "complete"


def test_its_files_imported_again_are_in_the_book_already(restored: Restored) -> None:
    before = restored.proof().digest
    for day in (PLAIN_DAY, SHORT_DAY, LONG_DAY):
        receipt = import_daily_file(day, desk_at(restored.bucket, restored.clock))
        assert (receipt.booked, receipt.already_there, receipt.corrected) == (0, receipt.rows, 0)
    assert restored.proof().digest == before


def test_what_differs_is_found_wherever_it_is() -> None:
    then = {"a": [{"b": 1}, {"completeness": {"state": "complete"}}], "c": None}
    assert differences(then, {"a": [{"b": 1, "new": 2}, {"completeness": {"state": "missing"}}], "c": None}) == []
    assert differences(then, {"a": [{"b": 2}, {}], "c": None}) == ["/a/0/b: was 1, is 2", "/a/1/completeness: is gone"]
    assert differences(then, {"a": [{"b": 1}], "c": None}) == ["/a: had 2, has 1"]
    assert differences(then, {"a": [], "c": 0}) == ["/a: had 2, has 0", "/c: was None, is 0"]


def differences(then: object, now: object, where: str = "") -> list[str]:
    """Return where an answer is not as it was; more may stand in it, and completeness goes by the rules of now."""
    if isinstance(then, dict) and isinstance(now, dict):
        gone = [f"{where}/{name}: is gone" for name in then if name not in now]
        held = [name for name in then if name in now and name != "completeness"]
        return [one for name in held for one in differences(then[name], now[name], f"{where}/{name}")] + gone
    if isinstance(then, list) and isinstance(now, list):
        if len(then) != len(now):
            return [f"{where}: had {len(then)}, has {len(now)}"]
        pairs = enumerate(zip(then, now, strict=True))
        return [one for place, (old, new) in pairs for one in differences(old, new, f"{where}/{place}")]
    return [] if then == now else [f"{where}: was {then!r}, is {now!r}"]


def desk_client() -> Client:
    return Client(new_gateway()).logged_in("desk", password_of("desk"))


def silent(_table: str, _items: int) -> None:
    """Show nobody."""


def of_nobody(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


def store(bucket: Bucket, folder: Path) -> None:
    """Write a bucket: a folder for each object, in it a file for each version, of the time when it was stored."""
    for key, versions in bucket.objects.items():
        (folder / key).mkdir(parents=True)
        for number, (content, at) in enumerate(zip(versions, bucket.stored_at[key], strict=True), 1):
            path = folder / key / str(number)
            path.write_bytes(content)
            os.utime(path, (at.timestamp(), at.timestamp()))


def stored(folder: Path, clock: FakeClock) -> Bucket:
    """Return what `store` wrote."""
    bucket = Bucket(clock)
    now = clock.time
    for path in sorted(folder.glob("*/*")):
        clock.time = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        assert bucket.put(path.parent.name, io.BytesIO(path.read_bytes())) == path.name
    clock.time = now
    return bucket
