"""One stack at a time locks a data folder: the next one names it, and a crash releases the lock."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local import settings
from infra.local.settings import WrongSetting

HOLD = """
import sys, time
from pathlib import Path
from infra.local import settings
with settings.lock_data_dir(Path(sys.argv[1])):
    settings.record_holder(Path(sys.argv[1]), "http://127.0.0.1:8000")
    print("held", flush=True)
    sys.stdin.read()
"""


def hold_elsewhere(folder: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def test_error_names_the_process_that_holds_the_folder_every_time(tmp_path: Path) -> None:
    with hold_elsewhere(tmp_path) as other:
        for _ in range(2):
            with pytest.raises(settings.CannotServe) as raised, settings.lock_data_dir(tmp_path):
                pass
            assert f"process {other.pid}, at http://127.0.0.1:8000, since 20" in str(raised.value)
            assert str(tmp_path) in str(raised.value)
        other.communicate()


def test_folder_is_free_after_an_orderly_end_and_after_an_exception(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), settings.lock_data_dir(tmp_path):
        raise KeyboardInterrupt
    assert (tmp_path / "lock").read_text() == ""
    with settings.lock_data_dir(tmp_path):
        pass
    assert (tmp_path / "lock").read_text() == ""


def test_lock_is_the_one_of_earlier_versions(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with pytest.raises(settings.CannotServe, match="process \\?"), settings.lock_data_dir(tmp_path):
            pass


def test_folder_is_free_after_a_crash(tmp_path: Path) -> None:
    with hold_elsewhere(tmp_path) as other:
        other.kill()
        other.wait()

        with settings.lock_data_dir(tmp_path):
            assert json.loads((tmp_path / "lock").read_text())["pid"] == os.getpid()


def test_stack_that_is_starting_has_no_address_yet(tmp_path: Path) -> None:
    with (
        settings.lock_data_dir(tmp_path),
        pytest.raises(settings.CannotServe, match="which is starting"),
        settings.lock_data_dir(tmp_path),
    ):
        pass


def test_the_stack_is_published_for_its_owner_only_and_retracted(tmp_path: Path) -> None:
    settings.publish_stack(tmp_path, "http://127.0.0.1:8000", {"VOLTBOOK_STAGE": "local"})
    path = tmp_path / "stack.json"
    published = json.loads(path.read_text())

    assert path.stat().st_mode & 0o777 == 0o600
    assert published.pop("started_at").endswith("Z")
    assert published == {
        "pid": os.getpid(),
        "api": "http://127.0.0.1:8000",
        "environment": {"VOLTBOOK_STAGE": "local"},
    }
    settings.retract_stack(tmp_path)
    settings.retract_stack(tmp_path)
    assert not path.exists()


def test_a_folder_that_cannot_be_made_is_a_wrong_setting(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()

    with pytest.raises(WrongSetting, match="DATA_DIR: the folder"), settings.lock_data_dir(tmp_path / "taken"):
        pass


def test_folder_of_an_earlier_version_is_closed_to_other_accounts(tmp_path: Path) -> None:
    book = tmp_path / "book.db"
    for path, mode in ((tmp_path / "lock", 0o644), (book, 0o644), (tmp_path, 0o755)):
        if path != tmp_path:
            path.touch()
        path.chmod(mode)

    with settings.lock_data_dir(tmp_path):
        assert tmp_path.stat().st_mode & 0o777 == 0o700
        assert book.stat().st_mode & 0o777 == 0o600


def test_open_folder_of_somebody_s_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    tmp_path.chmod(0o755)

    with (
        pytest.raises(WrongSetting, match=r"DATA_DIR: .* holds other files: .* close it with chmod 700"),
        settings.lock_data_dir(tmp_path),
    ):
        pass
    assert tmp_path.stat().st_mode & 0o777 == 0o755
