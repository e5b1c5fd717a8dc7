"""Settings of the import, from the environment to its limits."""

from __future__ import annotations

import pytest

from chalicelib.common import once
from chalicelib.imports import bootstrap as imports_bootstrap
from chalicelib.settings import read_settings


@pytest.mark.parametrize(
    ("text", "names"),
    [("", set()), (" , ", set()), ("Product", {"Product"}), (" product , State,", {"product", "State"})],
)
def test_harmless_columns_are_named_with_commas(monkeypatch: pytest.MonkeyPatch, text: str, names: set[str]) -> None:
    monkeypatch.setenv("VOLTBOOK_HARMLESS_COLUMNS", text)
    assert read_settings().harmless_columns == names


def test_without_the_variable_no_column_is_harmless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VOLTBOOK_HARMLESS_COLUMNS", raising=False)
    assert read_settings().harmless_columns == set()


@pytest.mark.usefixtures("moto_cloud")
def test_the_import_knows_the_harmless_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOLTBOOK_HARMLESS_COLUMNS", "product")
    once.reset()
    assert imports_bootstrap.import_context("a test").limits.harmless_columns == {"product"}
