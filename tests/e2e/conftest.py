"""The whole stack, as `make up` starts it, for tests that use it as its users do."""

from __future__ import annotations

import pytest

from tests.infra.conftest import engines, home, stack

__all__ = ["engines", "home", "stack"]


@pytest.fixture(autouse=True, scope="module")
def _without_coverage(without_coverage: None) -> None:
    """The stack and the command run as they do outside of tests."""
