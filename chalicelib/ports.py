"""What the services need from the world, as Protocols; `adapters` hold the AWS side, `tests/fakes.py` the other."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, BinaryIO, Protocol

from chalicelib.domain.audit import ITSELF

if TYPE_CHECKING:  # a cold start names all ports and uses two
    from chalicelib.domain.attempts import Failed
    from chalicelib.domain.caller import User
    from chalicelib.domain.day_mark import DayStates
    from chalicelib.domain.file_change import FileChange
    from chalicelib.domain.notice import Notice
    from chalicelib.domain.position import Position
    from chalicelib.domain.receipt import QuarantinedRow, Receipt
    from chalicelib.domain.revision import Revision
    from chalicelib.domain.trade import Trade
    from chalicelib.domain.watch import Trial


class Positions(Protocol):
    """The positions, which the transactions of the book move. Every call may raise Unavailable."""

    def positions(self, delivery_day: date, trader_id: str | None) -> Sequence[Position]:
        """Return the positions of a day, of one trader or of the whole desk."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Part of an answer: trades, and the mark from which the next part goes on (None after the last)."""

    trades: tuple[Trade, ...]
    next_mark: str | None


class Book(Protocol):
    """Trades and their positions. Every call may raise Unavailable; every write is safe to repeat."""

    def add(self, revisions: Sequence[Revision]) -> Mapping[str, Revision]:
        """Write these new trades and their positions in one transaction, all or none.

        Gives what already stands under those ids: empty means all were written, else nothing was. The delivery days to
        which trades come late (`day_mark.late_days`) are marked in the same transaction. At most `booking.MAX_ACTIONS`
        trades, positions and late days together, each id once.
        """

    def correct(self, old: Revision, new: Revision, lease: Lease | None = None) -> Revision | None:
        """Replace what stands and move the positions in one transaction; gives what stands instead of `old`.

        Raises DamagedHistory where it cannot be replaced though it stands. A run of the import names its lease: where
        that is another's by now nothing is written, and ImportUnderWay raised. Delivery days of the two that the run
        has not marked yet are marked in the same transaction.
        """

    def note(self, changes: Sequence[tuple[Revision, Revision]]) -> Mapping[str, Revision]:
        """Set the notes of the second revision of each pair on the first, which is current: all or none.

        Returns the current revisions of those that changed meanwhile, also in their notes: empty means all were set.
        At most `booking.MAX_ACTIONS`. Notes are `matched`, `noted`, `coarse_time` and the finer time of execution.
        """

    def find(self, trade_id: str) -> Revision | None:
        """Give the current word on a trade."""

    def find_many(self, trade_ids: Collection[str]) -> Mapping[str, Revision]:
        """Give the current words on those of these trades that are booked."""

    def booked(self, trade_ids: Collection[str]) -> Collection[str]:
        """Give those of these trades that the book has, also if they were withdrawn: what `find_many` would find."""

    def history(self, trade_id: str) -> Sequence[Revision]:
        """Give all words on a trade, newest first."""

    def trades(self, trader_id: str | None, delivery_day: date | None, limit: int, mark: str | None) -> Slice:
        """Give up to `limit` trades, in delivery order where there is a filter, going on after `mark`."""

    def positions(self, delivery_day: date, trader_id: str | None) -> Sequence[Position]:
        """Return the positions of a day, as `Positions` does."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A version of an object in the file store; `sha256` is of its content, `stored_at` in UTC (S3: whole seconds)."""

    key: str
    version: str
    sha256: str
    size: int
    content: BinaryIO
    stored_at: datetime


class FileStore(Protocol):
    """Where the exchange puts its daily files."""

    def newest_version(self, key: str) -> str | None:
        """Give the newest version of an object; None where there is none."""

    def fetch(self, key: str, version: str | None) -> AbstractContextManager[StoredFile]:
        """Open a version (None: the newest) as a seekable file of bytes; raises NotFound."""

    def put(self, key: str, content: BinaryIO) -> str:
        """Store a new version and give its name."""

    def names(self) -> Iterator[str]:
        """Return the keys of all objects, whatever their names, in order."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to import one file day until it runs out; a later lease has a higher `fence`.

    `marked` are the delivery days that the run has marked so far.
    """

    file_day: date
    owner: str
    fence: int
    newest: Receipt | None
    marked: set[date] = field(default_factory=set, compare=False)


class Receipts(Protocol):
    """Receipts and the leases of running imports."""

    def begin(self, file_day: date, owner: str, now: datetime, until: datetime) -> Lease:
        """Take the lease, and remember when; raises ImportUnderWay while another owner's has not run out."""

    def save(
        self, lease: Lease, receipt: Receipt, until: datetime, notices: Sequence[Notice] = (), by: str | None = None
    ) -> None:
        """Write the receipt and the notices that it makes true in one transaction, and prolong the lease.

        A notice that is there already stays as it is. `by` names who let a held version in, confirmed what the
        receipt withdraws, or accepted its quarantined rows or a day without a file; the same transaction writes the
        audit. Raises ImportUnderWay where the lease is
        another's by now.
        """

    def prolong(self, lease: Lease, until: datetime) -> None:
        """Keep the lease for longer; raises ImportUnderWay where it is another's by now."""

    def end(self, lease: Lease) -> None:
        """Give the lease back, and end the day marks of its file day unless an import is still to be continued.

        One that is another's by now is left alone.
        """

    def newest(self, file_days: Collection[date]) -> Mapping[date, Receipt]:
        """Give the newest receipt of each of these file days that has one."""

    def trials(self, file_days: Collection[date]) -> Mapping[date, Trial]:
        """Return what is remembered of those of these file days of which anything is."""

    def note_seen(self, file_day: date, object_version: str, at: datetime) -> None:
        """Remember that a poll found this object version and had still to import it."""

    def states(self, file_days: Collection[date], delivery_days: Collection[date]) -> DayStates:
        """Return the newest receipts of these file days and the marks of these delivery days, in one request."""

    def first_day(self) -> date | None:
        """Return the first file day of the book; None before its first receipt."""

    def marking(self, file_days: Collection[date]) -> Collection[date]:
        """Return those of these file days whose runs have not ended their day marks."""

    def versions(self, file_day: date) -> Sequence[Receipt]:
        """Give all receipts of a file day, newest first."""

    def open_days(self) -> Mapping[date, int]:
        """Give the file days with an import begun or notices written, until closed, with the mark of their opening."""

    def close_day(self, file_day: date, mark: int) -> None:
        """Say that nothing is left to do or to tell of a file day, unless it was opened anew since `mark`."""

    def set_aside(self, lease: Lease, version: int, rows: Sequence[QuarantinedRow]) -> None:
        """Keep the quarantined rows of one version, before its receipt counts them, in the place of those kept before.

        Raises ImportUnderWay where the lease is another's by now.
        """

    def quarantine(self, file_day: date, version: int) -> Sequence[QuarantinedRow]:
        """Give the quarantined rows of one version, by line."""

    def note_changes(self, lease: Lease, version: int, first: int, changes: Iterable[FileChange]) -> None:
        """Keep what one stretch of a version changed, before its receipt counts it.

        `first` numbers the stretch: the same stretch again replaces what was kept of it, also by nothing. Raises
        ImportUnderWay where the lease is another's by now.
        """

    def note_clashes(self, lease: Lease, version: int, first: int, rows: Sequence[QuarantinedRow]) -> None:
        """Keep the rows of one stretch that were quarantined while they were booked; as `note_changes`."""

    def each_change(self, file_day: date, version: int) -> Iterator[FileChange]:
        """Read what one version changed one by one, in the order of the stretches, in bounded memory."""

    def changes(self, file_day: date, version: int) -> Sequence[FileChange]:
        """Give what one version changed, in the order of the stretches."""

    def add_late(self, notice: Notice, now: datetime, despite: Receipt | None = None) -> bool:
        """Write a late notice; False where there is one of that file day, or its file is used or just being read.

        `despite` is the newest receipt as it was read, where that one does not make up for the file that is late: the
        object is a later version, or its import did not end. A receipt that was written since does.
        """

    def footers(self) -> frozenset[str]:
        """Return the texts of a last line that count as blank."""

    def add_footer(self, text: str, by: str) -> None:
        """Store a text of a last line that counts as blank, and in the audit who said so; again changes nothing."""


class Outbox(Protocol):
    """Notices from the moment they are true until they were sent."""

    def of(self, file_days: Collection[date]) -> Sequence[Notice]:
        """Give the notices of these file days, oldest first."""

    def claim(self, notice: Notice, owner: str, now: datetime, until: datetime) -> bool:
        """Take the right to send a notice that was not sent; False where another run has it, or had and sent it."""

    def sent(self, notice: Notice, at: datetime) -> None:
        """Note that a notice was sent."""


class Notices(Protocol):
    """Where the desk hears of things."""

    def publish(self, subject: str, body: str) -> None:
        """Send one message to everybody who subscribed; raises Unavailable."""


class Directory(Protocol):
    """The users who may log in."""

    def find(self, name: str) -> User | None:
        """Give a user, disabled ones too."""

    def add(self, user: User, by: str = ITSELF) -> None:
        """Add a user, and to the audit who did it, in one transaction; raises AlreadyExists."""

    def set_password(self, name: str, password_hash: str, by: str = ITSELF) -> None:
        """Give a user this hash for the one they have, and tell the audit in the same transaction; raises NotFound."""

    def disable(self, name: str, by: str = ITSELF) -> None:
        """Shut a user out, and tell the audit in the same transaction; raises NotFound."""

    def list(self) -> Iterator[User]:
        """Give all users by name."""


class Attempts(Protocol):
    """The logins that begin and those that failed, by the source they come from, for as long as they count."""

    def begin(self, source: str, moment: datetime) -> int:
        """Count a login before anybody knows how it ends; gives how many a source began in this stretch, with it."""

    def since(self, source: str, moment: datetime, most: int) -> Sequence[Failed]:
        """Give the newest failures from a source after this moment, newest first, at most so many."""

    def note(self, source: str, failed: Failed) -> None:
        """Keep one failure; it goes away by itself."""


class Passwords(Protocol):
    """Hashing of passwords, slow on purpose."""

    def hash(self, password: str) -> str:
        """Give a salted hash in a text form that `verify` reads."""

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Check a password in the time of one hash; None (no such user) takes as long and is never right."""


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """Give the present instant, aware, in UTC."""
