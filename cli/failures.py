"""What only the command can meet: a book that is not there. The rest is the domain's tree of errors."""

from __future__ import annotations

from chalicelib.domain.errors import VoltbookError


class NotThere(VoltbookError):
    """The book asked for cannot be reached; the message says what to do."""

    code = "not_there"
