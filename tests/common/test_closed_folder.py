"""A folder is closed to other accounts, unless it holds what they may need."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from chalicelib.common.closed_folder import make_closed_folder


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def is_ours(entry: Path) -> bool:
    return entry.name.startswith("ours")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir()
    folder.chmod(0o755)
    return folder


def test_new_folder_is_closed(tmp_path: Path) -> None:
    make_closed_folder(tmp_path / "a" / "b", is_ours)

    assert mode(tmp_path / "a" / "b") == 0o700


@pytest.mark.parametrize("before", [0o755, 0o750, 0o710, 0o707, 0o777])
def test_empty_folder_that_others_may_enter_is_closed(folder: Path, before: int) -> None:
    folder.chmod(before)

    make_closed_folder(folder, is_ours)

    assert mode(folder) == 0o700


def test_our_files_in_it_are_closed_at_every_depth(folder: Path) -> None:
    (folder / "ours" / "deep").mkdir(parents=True)
    (folder / "ours" / "deep" / "file").touch()
    (folder / "ours" / "deep" / "file").chmod(0o664)
    (folder / "ours-program").touch()
    (folder / "ours-program").chmod(0o755)

    make_closed_folder(folder, is_ours)

    assert [mode(path) for path in sorted(folder.rglob("*"))] == [0o700, 0o700, 0o600, 0o700]


def test_files_outside_that_a_link_names_are_left_alone(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").touch()
    for path, permissions in ((outside, 0o755), (outside / "file", 0o644)):
        path.chmod(permissions)
    (folder / "ours").symlink_to(outside)
    (folder / "ours-file").symlink_to(outside / "file")
    (folder / "ours-lost").symlink_to("nowhere")

    make_closed_folder(folder, is_ours)

    assert (mode(folder), mode(outside), mode(outside / "file")) == (0o700, 0o755, 0o644)


def test_folder_behind_a_link_is_closed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)

    make_closed_folder(tmp_path / "link", is_ours)

    assert mode(folder) == 0o700


def test_open_folder_with_other_files_is_refused_and_left_alone(folder: Path) -> None:
    for name in ("ours", "theirs"):
        (folder / name).touch()
        (folder / name).chmod(0o644)

    with pytest.raises(PermissionError, match="other accounts can read it, and it holds other files"):
        make_closed_folder(folder, is_ours)

    assert [mode(path) for path in (folder, folder / "ours", folder / "theirs")] == [0o755, 0o644, 0o644]


def test_closed_folder_with_other_files_is_used_as_it_is(folder: Path) -> None:
    (folder / "theirs").touch()
    folder.chmod(0o500)

    make_closed_folder(folder, is_ours)

    assert mode(folder) == 0o500


def test_folder_that_everybody_shares_is_never_closed(folder: Path) -> None:
    folder.chmod(0o1777)

    with pytest.raises(PermissionError, match="other accounts can read it"):
        make_closed_folder(folder, is_ours)

    assert mode(folder) == 0o1777


def test_file_system_without_permissions_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "chmod", lambda _path, _mode: None)

    with pytest.raises(PermissionError, match="its file system cannot close it"):
        make_closed_folder(folder, is_ours)


def test_file_of_another_account_does_not_keep_the_others_open(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse_the_first(path: Path, permissions: int) -> None:
        if path.name == "ours-1":
            raise PermissionError
        chmod(path, permissions)

    chmod = Path.chmod
    for name in ("ours-1", "ours-2"):
        (folder / name).touch()
        (folder / name).chmod(0o644)
    monkeypatch.setattr(Path, "chmod", refuse_the_first)

    make_closed_folder(folder, is_ours)

    assert [mode(path) for path in (folder, folder / "ours-1", folder / "ours-2")] == [0o700, 0o644, 0o600]


def test_folder_of_another_account_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: Path, _permissions: int) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "chmod", refuse)

    with pytest.raises(PermissionError):
        make_closed_folder(folder, is_ours)
