"""The whole stack, as `make up` starts it, for tests that use it as its users do."""

from __future__ import annotations

from tests.infra.conftest import start

__all__ = ["start"]
