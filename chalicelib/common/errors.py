"""Everything that can go wrong, in the users' words; each edge translates this tree exactly once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one field: which, what was expected, what was got."""

    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


class VoltbookError(Exception):
    """The root; `code` is the stable word clients may rely on, `problems` name the fields where there are any."""

    code: ClassVar[str] = "failed"

    def __init__(self, message: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.problems = problems


class InvalidRequest(VoltbookError):
    """What was asked cannot be understood or answered as asked."""

    code = "invalid_request"


class InvalidJson(InvalidRequest):
    """The body is not the strict JSON that Voltbook reads."""

    code = "invalid_json"


class InvalidTrade(InvalidRequest):
    """A trade broke one or more rules; all of them are in `problems`."""

    code = "invalid_trade"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(f"this trade cannot be booked: {count}", problems)


class ConflictingTrade(InvalidRequest):
    """The id is booked already, with other terms; the first trade stays as it is."""

    code = "conflicting_trade"

    def __init__(self, trade_id: str, *, withdrawn: bool = False) -> None:
        message = f"trade {trade_id!r} is already booked with other terms; the booked trade stays as it is"
        if withdrawn:
            message = f"trade {trade_id!r} was withdrawn by the exchange; only its file puts it back; see its history"
        super().__init__(message)


class AnswerTooLarge(InvalidRequest):
    """The answer would not fit one reply; the message says how to narrow it or page through it."""

    code = "answer_too_large"


class TooLarge(VoltbookError):
    """The body is larger than anything Voltbook takes."""

    code = "too_large"


class Unauthenticated(VoltbookError):
    """Nobody we know: no login, a malformed one, an unknown user or a wrong password, told alike."""

    code = "unauthorized"


class NotAllowed(VoltbookError):
    """Known, but this is not theirs to see or do."""

    code = "forbidden"


class TooManyAttempts(NotAllowed):
    """So many logins failed from one place that it must wait; told whoever asks, and before any password is looked at.

    `until` is the `...Z` text of when the door opens by itself, `seconds` how long that is from now.
    """

    code = "too_many_attempts"

    def __init__(self, until: str, seconds: int) -> None:
        super().__init__(f"too many logins have failed from your address: wait {seconds} seconds, until {until}")


class NotFound(VoltbookError):
    """There is no such thing, or none that the caller may know of."""

    code = "not_found"


class AlreadyExists(VoltbookError):
    """The name is taken."""

    code = "already_exists"


class Unavailable(VoltbookError):
    """The store did not answer in time or refused for load; nothing is known to be lost, trying again is safe."""

    code = "unavailable"


class ImportUnderWay(VoltbookError):
    """Another run holds this file day's lease; it either finishes or its lease runs out."""

    code = "import_under_way"


class DamagedHistory(VoltbookError):
    """The stored revisions of a trade contradict each other; nothing was written, and trying again does not help."""

    code = "damaged_history"

    def __init__(self, trade_id: str, found: str) -> None:
        super().__init__(
            f"the history of trade {trade_id!r} is damaged: {found}; nothing was changed. To list all such trades: "
            "voltbook verify. If voltbook import-all was interrupted, run it again, else restore an export"
        )
