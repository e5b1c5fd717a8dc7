"""How a run may end."""

from __future__ import annotations

from typing import Final

from chalicelib.access.identity import Identity, Role
from chalicelib.common.errors import ImportUnderWay, Unavailable, VoltbookError
from tests.simulation.faults import Killed

ADMIN: Final = Identity("admin", Role.ADMIN)
NO_ANSWER: Final = (Killed, Unavailable)
BROKEN_OFF: Final = (*NO_ANSWER, ImportUnderWay)


def no_error(outcome: object) -> None:
    if isinstance(outcome, (VoltbookError, Killed)):
        raise outcome
