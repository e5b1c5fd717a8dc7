"""What a start says of itself: how to reach the stack, and what a new book begins with."""

from __future__ import annotations

from pathlib import Path

import infra.local.__main__ as up
from chalicelib.access import bootstrap as access_bootstrap
from chalicelib.access.service import disable_user, set_password
from infra.local import seed
from infra.local.settings import Samples, read_settings


def test_the_command_alone_finds_the_default_folder() -> None:
    assert up._command(read_settings({})) == ".venv/bin/voltbook --help"


def test_another_folder_has_to_be_exported_first(tmp_path: Path) -> None:
    folder = tmp_path / "my book"
    exported = up._command(read_settings({"DATA_DIR": str(folder)})).splitlines()[1].strip()
    assert exported == f"export DATA_DIR='{folder}'"


def test_what_was_loaded_is_counted_and_dated() -> None:
    assert seed.summary() == "Loaded 8 sample files (2025-10-25 to 2026-06-16), and the reference prices of these days"


def test_demo_passwords_are_shown_only_while_they_work(moto_tables: str) -> None:
    seed.add_demo_logins()
    all_of_them = "admin/admin-demo, desk/desk-demo, trader_1/trader_1-demo, trader_2/trader_2-demo"
    assert up._logins(None, Samples.RECENT) == all_of_them

    directory, passwords = access_bootstrap.directory(), access_bootstrap.passwords()
    set_password("admin", "a password of their own", directory, passwords)
    disable_user("desk", directory)
    assert up._logins(None, Samples.COMMITTED) == "trader_1/trader_1-demo, trader_2/trader_2-demo"

    for name in ("trader_1", "trader_2"):
        disable_user(name, directory)
    assert up._logins(None, None).startswith("those of this book: voltbook users list")


def test_demo_logins_of_a_book_that_was_imported_over_them_are_not_shown(moto_tables: str) -> None:
    assert up._logins(None, Samples.COMMITTED).startswith("those of this book")
