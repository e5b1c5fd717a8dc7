"""The settings of packaging and deployment, from the environment; the only reader of it outside the local stack."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    stage: str
    parameters: str  # pairs of `Name=value` beside the stage's parameters file
    confirmed: bool  # YES=1: agree to all changes without a question
    destroy: str  # the phrase that confirms deleting a stage's data
    endpoint: str | None  # the address of an AWS emulator, in place of AWS itself


def read_settings() -> Settings:
    return Settings(
        stage=os.environ.get("STAGE", ""),
        parameters=os.environ.get("PARAMETERS", ""),
        confirmed=os.environ.get("YES") == "1",
        destroy=os.environ.get("DESTROY", ""),
        endpoint=os.environ.get("AWS_ENDPOINT_URL"),
    )


def child_environment(**variables: str) -> dict[str, str]:
    return {**os.environ, **variables}
