"""The parameters of a stage's stack: those of its file, those the operator gives, and those that stay as they are."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any, Final

import boto3
import yaml

from infra import ROOT
from infra.cloudformation import DeployError, Say
from infra.origins import read_origins

PARAMETERS: Final = ROOT / "infra" / "parameters"
IMPORTER_CONCURRENCY: Final = "ImporterConcurrency"
ORIGINS: Final = "AllowedOrigins"
UNRESERVED: Final = 100
"""Concurrent functions that Lambda keeps for those without a reservation."""


def read_parameters(stage: str) -> dict[str, str]:
    """Read the file of a stage. Raises DeployError for an unknown stage."""
    path = PARAMETERS / f"{stage}.yaml"
    if not re.fullmatch(r"[a-z0-9-]+", stage) or not path.is_file():
        stages = ", ".join(sorted(file.stem for file in PARAMETERS.glob("*.yaml")))
        raise DeployError(f"unknown stage {stage!r}; expected one of infra/parameters/: {stages}")
    read: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return {"Stage": stage, **{name: str(value) for name, value in read.items()}}


def given_parameters(text: str) -> dict[str, str]:
    """Read pairs of `Name=value`, quoted as for a shell if a value has spaces. Raises DeployError."""
    try:
        pairs = shlex.split(text)
    except ValueError as error:
        raise DeployError(f"PARAMETERS cannot be read: {error}, in {text!r}") from error
    for pair in pairs:
        if "=" not in pair:
            expected = "expected Name=value, with quotes around a value that has spaces: Name='a b'"
            raise DeployError(f"PARAMETERS: {expected}; found {pair!r}")
    given = dict(pair.partition("=")[::2] for pair in pairs)
    if ORIGINS in given:
        given[ORIGINS] = _origins(given[ORIGINS])
    return given


def _origins(text: str) -> str:
    try:
        return ",".join(read_origins(text))
    except ValueError as error:
        raise DeployError(f"PARAMETERS: {ORIGINS}: {error}") from error


def changed_parameters(
    template: Mapping[str, Any],
    described: Mapping[str, str],
    given: Mapping[str, str],
    present: Mapping[str, str],
    say: Say,
) -> dict[str, str]:
    """Return the parameters to set; the others keep their present values. Raises DeployError for an unknown one.

    What an operator has set stays until it is given again, also where the stage's file has another value.
    """
    if unknown := sorted(given.keys() - template.keys()):
        raise DeployError(f"PARAMETERS: unknown {', '.join(unknown)}; expected {', '.join(sorted(template))}")
    stay = {name for name in described.keys() & present.keys() - given.keys() if described[name] != present[name]}
    for name in sorted(stay):
        ways = f'PARAMETERS="{name}={described[name]}" changes it'
        say(f"{name} stays {present[name]}, although the stage's file has {described[name]}: {ways}")
    return {**{name: value for name, value in described.items() if name not in stay}, **given}


def require_concurrency(wanted: int, reserved: int) -> None:
    """Check that the account can reserve the importer's concurrency. Raises DeployError with its limits."""
    if wanted <= reserved:
        return
    limits = boto3.client("lambda").get_account_settings()["AccountLimit"]
    left = limits["UnreservedConcurrentExecutions"] + reserved - wanted
    if left < UNRESERVED:
        raise DeployError(
            f"{IMPORTER_CONCURRENCY}={wanted} would leave {left} of the account's {limits['ConcurrentExecutions']} "
            f"concurrent functions unreserved; Lambda requires {UNRESERVED}. Request a higher limit from AWS, "
            f'or deploy with PARAMETERS="{IMPORTER_CONCURRENCY}=0"'
        )
