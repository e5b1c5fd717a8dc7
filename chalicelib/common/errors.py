"""All errors in the users' terms; the API and the command translate them in one table each."""

from __future__ import annotations

from typing import ClassVar, NamedTuple


class Problem(NamedTuple):
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


class VoltbookError(Exception):
    """The base class; `code` is stable, so clients may rely on it."""

    code: ClassVar[str] = "failed"

    def __init__(self, message: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.problems = problems

    @property
    def in_full(self) -> str:
        """Return the message with all problems."""
        return "; ".join((self.message, *map(str, self.problems)))


class InvalidRequest(VoltbookError):
    code = "invalid_request"


class InvalidJson(InvalidRequest):
    code = "invalid_json"


class InvalidTrade(InvalidRequest):
    code = "invalid_trade"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(f"this trade cannot be booked: {count}", problems)


class ConflictingTrade(InvalidRequest):
    code = "conflicting_trade"

    def __init__(
        self,
        trade_id: str,
        withdrawn_by: str | None = None,
        state: str | None = None,
        differing: str = "",
        way_back: str = "",
        *,
        by_hand: bool = False,
    ) -> None:
        message = f"trade {trade_id!r} is already booked with other terms; the booked trade stays as it is{differing}"
        if withdrawn_by is not None:
            restored = "an importer can restore it" if by_hand else "only a file puts it back"
            message = f"trade {trade_id!r} was withdrawn by {withdrawn_by}; {restored}; see its history"
        elif state is not None:
            message = f"trade {trade_id!r} is {state} at its venue; to change that with /v2/trades, {way_back}"
        super().__init__(message)


class AnswerTooLarge(InvalidRequest):
    code = "answer_too_large"


class TooLarge(VoltbookError):
    code = "too_large"


class Unauthenticated(VoltbookError):
    """All failed logins have the same message."""

    code = "unauthorized"


class NotAllowed(VoltbookError):
    code = "forbidden"


class TooManyAttempts(NotAllowed):
    """Too many logins failed from one address; raised before any password is checked."""

    code = "too_many_attempts"

    def __init__(self, until: str, seconds: int) -> None:
        super().__init__(f"too many logins have failed from your address: wait {seconds} seconds, until {until}")
        self.seconds = seconds


class NotFound(VoltbookError):
    """Not there, or hidden from the caller."""

    code = "not_found"


class NotInV1(NotFound):
    """A trade that the eight fields of v1 cannot state."""

    code = "not_in_v1"

    def __init__(self, trade_id: str, address: str) -> None:
        super().__init__(
            f"the eight fields of v1 cannot state trade {trade_id!r}; it is at {address}, "
            "and voltbook trades show has it with --full"
        )


class AlreadyExists(VoltbookError):
    code = "already_exists"


class Unavailable(VoltbookError):
    """The store did not answer in time or is overloaded; trying again is safe."""

    code = "unavailable"


class ChangedMeanwhile(VoltbookError):
    """Somebody else changed what this request replaces after it was read."""

    code = "changed_meanwhile"

    def __init__(self, what: str, replaced: int, current: int) -> None:
        super().__init__(
            f"{what} have revision {current}, and yours replace revision {replaced}; nothing was changed: read them "
            "again, change these, and send them with their revision"
        )


class ImportUnderWay(VoltbookError):
    """Another run holds the lease of this file day."""

    code = "import_under_way"


class DamagedHistory(VoltbookError):
    """The stored revisions of a trade contradict each other; trying again does not help."""

    code = "damaged_history"

    def __init__(self, trade_id: str, found: str) -> None:
        super().__init__(
            f"the history of trade {trade_id!r} is damaged: {found}; nothing was changed. To list all such trades: "
            "voltbook verify. If voltbook import-all was interrupted, run it again, else restore an export"
        )
