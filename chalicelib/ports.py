"""What the services need from the world, as Protocols; `adapters` hold the AWS side, `tests/fakes.py` the other."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, BinaryIO, Protocol

from chalicelib.domain.audit import ITSELF

if TYPE_CHECKING:  # a cold start names all ports and uses two
    from chalicelib.domain.attempts import Failed
    from chalicelib.domain.caller import User
    from chalicelib.domain.morning import Letter, Mail
    from chalicelib.domain.notice import Notice
    from chalicelib.domain.position import Position
    from chalicelib.domain.price_word import Words
    from chalicelib.domain.receipt import FileChange, QuarantinedRow, Receipt
    from chalicelib.domain.revision import Revision
    from chalicelib.domain.trade import Trade


@dataclass(frozen=True, slots=True)
class Slice:
    """Part of an answer: trades, and the mark from which the next part goes on (None after the last)."""

    trades: tuple[Trade, ...]
    next_mark: str | None


class Book(Protocol):
    """Trades and their positions. Every call may raise Unavailable; every write is safe to repeat."""

    def add(self, revisions: Sequence[Revision]) -> Mapping[str, Revision]:
        """Write these new trades and their positions in one transaction, all or none.

        Gives what already stands under those ids: empty means all were written, else nothing was. At most
        `booking.MAX_ACTIONS` trades and positions together, each id once.
        """

    def correct(self, old: Revision, new: Revision, lease: Lease | None = None) -> Revision | None:
        """Replace what stands and move the positions in one transaction; gives what stands instead of `old`.

        A run of the import names its lease: where that is another's by now nothing is written, and ImportUnderWay
        raised.
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
        """Give the positions of a day, of one trader or of the whole desk."""


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


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to import one file day until it runs out; a later lease has a higher `fence`."""

    file_day: date
    owner: str
    fence: int
    newest: Receipt | None


class Receipts(Protocol):
    """Receipts and the leases of running imports."""

    def begin(self, file_day: date, owner: str, now: datetime, until: datetime) -> Lease:
        """Take the lease; raises ImportUnderWay while another owner's has not run out."""

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
        """Give the lease back; one that is another's by now is left alone."""

    def newest(self, file_days: Collection[date]) -> Mapping[date, Receipt]:
        """Give the newest receipt of each of these file days that has one."""

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

    def changes(self, file_day: date, version: int) -> Sequence[FileChange]:
        """Give what one version changed, in the order of the stretches."""

    def footers(self) -> frozenset[str]:
        """Return the texts of a last line that count as blank."""

    def add_footer(self, text: str, by: str) -> None:
        """Store a text of a last line that counts as blank, and in the audit who said so; again changes nothing."""


class Outbox(Protocol):
    """Notices from the moment they are true until they were sent."""

    def add_late(self, notice: Notice, now: datetime) -> bool:
        """Write a late notice; False where there is one of that file day, or its file is used or just being read."""

    def of(self, file_days: Collection[date]) -> Sequence[Notice]:
        """Give the notices of these file days, oldest first."""

    def claim(self, notice: Notice, owner: str, now: datetime, until: datetime) -> bool:
        """Take the right to send a notice that was not sent; False where another run has it, or had and sent it."""

    def sent(self, notice: Notice, at: datetime) -> None:
        """Note that a notice was sent."""


class Prices(Protocol):
    """Reference prices by delivery hour. Every call may raise Unavailable; every write is safe to repeat."""

    def of(self, delivery_days: Collection[date]) -> Mapping[date, Mapping[int, int]]:
        """Give the eurocent/MWh of each hour that has one, and no day without any; 100 days are one request."""

    def say(self, said: Mapping[date, Words], by: str | None = None) -> int:
        """Keep these words where they are newer than what stands, hour by hour; gives how many prices changed.

        Each day is one write, and none where nothing said is newer. Where a person says them, `by` names who, and the
        audit is told in the same transaction.
        """


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a price file: a later one has a higher `turn`.

    `done` versions of the object were dealt with before, the last of them `object_version`.
    """

    key: str
    turn: int
    done: int
    object_version: str | None


class PriceFiles(Protocol):
    """Which versions of the reference price files were dealt with, so that none is dealt with twice or left out."""

    def begin(self, key: str) -> Reading:
        """Take the next turn at reading a file; a reading that began earlier can note nothing any more."""

    def end(self, reading: Reading, object_version: str, notice: Notice | None = None) -> bool:
        """Note that a version was dealt with, and what the desk must hear of it, in one transaction.

        False where another reading began meanwhile: nothing was noted, and that one must deal with the file.
        """

    def dealt_with(self, keys: Collection[str]) -> Mapping[str, str]:
        """Give the object version that was dealt with last of each of these files that has one."""


class Notices(Protocol):
    """Where the desk hears of things."""

    def publish(self, subject: str, body: str) -> None:
        """Send one message to everybody who subscribed; raises Unavailable."""


class MailBag(Protocol):
    """Morning mails, a letter by each channel, from the moment there is something to tell until they were sent."""

    def letters(self, delivery_day: date) -> Sequence[Letter]:
        """Give all letters about a day, oldest first."""

    def add(self, letters: Sequence[Letter]) -> bool:
        """Write the letters of one mail, all or none; False where the day has a mail of that version already."""

    def claim(self, letter: Letter, owner: str, now: datetime, until: datetime) -> bool:
        """Take the right to send a letter that was not sent; False where another run has it, or had and sent it."""

    def sent(self, letter: Letter, at: datetime) -> None:
        """Note that a letter was sent."""


class Carrier(Protocol):
    """One way for a mail to go out."""

    def carry(self, mail: Mail) -> None:
        """Send one mail; raises Unavailable."""


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
