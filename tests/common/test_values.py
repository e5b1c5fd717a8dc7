"""What the rules and the services hand each other is a value: nobody changes it under another's hands."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import chalicelib
from chalicelib.admin.integrity_check import Sums
from chalicelib.imports import preview, sent_file
from chalicelib.imports.survey import Survey
from chalicelib.reports import valuation

ADDED_TO = {Sums, Survey, preview._Corrections, sent_file._Run, valuation._Row}
"""Walked with and kept to themselves."""


def values() -> Iterator[type]:
    """Every dataclass of the rules and of the services."""
    for found in pkgutil.walk_packages(chalicelib.__path__, "chalicelib."):
        noun, _, file = found.name.removeprefix("chalicelib.").rpartition(".")
        if noun in {"aws", "web"} or file in {"bootstrap", "dynamodb", "http", "items"}:
            continue
        module = importlib.import_module(found.name)
        yield from (
            one
            for one in vars(module).values()
            if isinstance(one, type)
            and dataclasses.is_dataclass(one)
            and one.__module__ == found.name
            and one not in ADDED_TO
        )


@pytest.mark.parametrize("value", list(values()), ids=lambda value: f"{value.__module__}.{value.__name__}")
def test_a_value_cannot_be_changed(value: type) -> None:
    made: object = object.__new__(value)
    for field in dataclasses.fields(value):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(made, field.name, None)
